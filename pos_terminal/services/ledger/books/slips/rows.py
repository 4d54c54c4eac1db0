"""A slip on its way as its row, and back."""

from __future__ import annotations

import sqlite3
from typing import Final

import msgspec

from pos_terminal.core.print_job import JobState, Upset
from pos_terminal.ports import PrintJob
from pos_terminal.services.ledger.audit import mark
from pos_terminal.wire.receipt.slip import Slip

TABLE_OF: Final = {
    "refund_id": "refunds",
    "application": "applications",
    "case_id": "cases",
    "sale_key": "sales",
}
OWNER: Final = tuple(TABLE_OF)


def job_of(row: sqlite3.Row) -> PrintJob:
    return PrintJob(
        job_id=row["job_id"],
        refund_id=row["refund_id"],
        slip=slip_of(row),
        state=JobState(row["state"]),
        upset=None if row["upset"] is None else Upset(row["upset"]),
        attempt=row["attempt"],
        duplicate=row["duplicate"],
    )


def slip_of(row: sqlite3.Row) -> Slip:
    from pos_terminal.wire.receipt.stored import read_slip  # with all kinds of slips

    return read_slip(row["slip"])


def text_of(slip: Slip) -> str:
    return msgspec.json.encode(slip).decode()


def load(db: sqlite3.Connection, job_id: int) -> PrintJob:
    """KeyError for a job that never was."""
    row = db.execute("SELECT * FROM print_jobs WHERE job_id = ?", (job_id,)).fetchone()
    if row is None:
        raise KeyError(job_id)
    return job_of(row)


def mark_of(key: bytes, job_id: int, text: str) -> str:
    """Stands for what a slip says, which goes before the log's facts do."""
    return mark(key, "slip", job_id, text)
