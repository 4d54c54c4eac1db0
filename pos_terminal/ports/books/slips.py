"""Slips on their way to paper (R41, R42)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from pos_terminal.core.print_job import JobState, Upset
from pos_terminal.ports.records import PrintJob
from pos_terminal.wire.receipt.slip import Slip


class PrintJobReads(Protocol):
    """Questions about slips."""

    def in_state(self, *states: JobState) -> Sequence[PrintJob]:
        """Oldest first. What is done is history: ask by what it belongs to."""

    def of_refund(self, refund_id: int) -> Sequence[PrintJob]: ...
    def of_case(self, case_id: int) -> Sequence[PrintJob]: ...

    def of_application(self, application: int) -> Sequence[PrintJob]:
        """Originals of an application and of its refunds, oldest first."""

    def proofs_of(self, sale_key: int) -> int:
        """How many proofs of purchase were queued of this sale (R73)."""

    def before(self, job_id: int | None, limit: int) -> Sequence[PrintJob]:
        """Originals of any kind that are older than this job (None: all), newest first."""


class PrintJobs(PrintJobReads, Protocol):
    """Slips and what becomes of them; those of a refund or a case are queued by its own commit."""

    async def queue(self, slips: Sequence[Slip], application: int | None) -> None:
        """Slips that belong to no refund: an application refused by a rule (R67), a test."""

    async def prove(self, sale_key: int, slip: Callable[[int], Slip], operator: str) -> int:
        """A proof of purchase, made with its number of this sale; the number."""

    async def reprint(self, job_id: int, operator: str) -> PrintJob:
        """A marked copy: ``重打印 DUPLICATE n``. Failure ``ledger.slip_gone``."""

    async def sending(self, job_id: int) -> PrintJob:
        """Durable before the first byte; counts the attempt."""

    async def done(self, jobs: Mapping[int, JobState]) -> None:
        """Out of SENDING, in one commit: each CONFIRMED or TAKEN."""

    async def unknown(self, job_id: int, upset: Upset) -> None: ...

    async def unsent(self, job_id: int) -> None:
        """READY again: the printer went away before the first byte. No attempt was made."""

    async def ready_again(self, job_id: int, operator: str) -> None: ...
    async def dropped(self, job_id: int, operator: str) -> None: ...
