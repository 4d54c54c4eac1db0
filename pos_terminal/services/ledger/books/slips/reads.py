"""Ways to find a slip."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from pos_terminal.core.print_job import UNPRINTED, JobState
from pos_terminal.ports import PrintJob
from pos_terminal.services.ledger.books.book import ReadFace
from pos_terminal.services.ledger.books.slips.rows import job_of
from pos_terminal.services.ledger.names import among

_BEFORE: Final = """SELECT * FROM print_jobs WHERE job_id < ? AND duplicate = 0
    ORDER BY job_id DESC LIMIT ?"""
_OF_APPLICATION: Final = """SELECT * FROM print_jobs WHERE duplicate = 0 AND (application = ?
    OR refund_id IN (SELECT refund_id FROM refunds WHERE application = ?)) ORDER BY job_id"""
PROOFS: Final = """SELECT count(*) FROM print_jobs WHERE sale_key = ? AND duplicate = 0
    AND slip -> 'body' ->> 'kind' = 'proof'"""
_ABOVE_ALL: Final = 2**63 - 1


class PrintJobReads(ReadFace):
    """Fulfils ``ports.PrintJobReads``."""

    def in_state(self, *states: JobState) -> Sequence[PrintJob]:
        if not UNPRINTED.issuperset(states):
            raise ValueError(f"no index for jobs in {[state.value for state in states]}")
        return self._all(
            f"SELECT * FROM print_jobs WHERE state IN {among(states)}"
            f" AND state IN {among(UNPRINTED)} ORDER BY job_id"
        )

    def of_refund(self, refund_id: int) -> Sequence[PrintJob]:
        return self._all("SELECT * FROM print_jobs WHERE refund_id = ? ORDER BY job_id", refund_id)

    def of_case(self, case_id: int) -> Sequence[PrintJob]:
        return self._all("SELECT * FROM print_jobs WHERE case_id = ? ORDER BY job_id", case_id)

    def of_application(self, application: int) -> Sequence[PrintJob]:
        return self._all(_OF_APPLICATION, application, application)

    def proofs_of(self, sale_key: int) -> int:
        (row,) = self._rows(PROOFS, sale_key)
        return int(row[0])

    def before(self, job_id: int | None, limit: int) -> Sequence[PrintJob]:
        return self._all(_BEFORE, _ABOVE_ALL if job_id is None else job_id, limit)

    def _all(self, sql: str, *values: int) -> list[PrintJob]:
        return [job_of(row) for row in self._rows(sql, *values)]
