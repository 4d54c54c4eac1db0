"""Print jobs: a slip waits as facts until the printer said that it is on paper (R41, R42)."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from pos_terminal.core.words import Failure
from pos_terminal.ports import JobState, PrintJob
from pos_terminal.services.ledger import purges
from pos_terminal.services.ledger.rows import job_of, slip_text
from pos_terminal.services.ledger.step import Step
from pos_terminal.wire.receipt.slip import Slip


def load(db: sqlite3.Connection, job_id: int) -> PrintJob:
    """KeyError for a job that never was."""
    row = db.execute("SELECT * FROM print_jobs WHERE job_id = ?", (job_id,)).fetchone()
    if row is None:
        raise KeyError(job_id)
    return job_of(row)


def queue(
    step: Step,
    slips: Sequence[Slip],
    refund_id: int | None,
    application: int | None,
    case_id: int | None = None,
) -> None:
    """New jobs, READY, in the order given. Logs nothing: the write that they belong to does.

    A refund's job leaves its application to the refund, which spares the conclusion one index.
    """
    moment = step.now.isoformat()
    application = application if refund_id is None else None
    step.db.executemany(
        """INSERT INTO print_jobs (refund_id, application, case_id, slip, state, queued_at,
        changed_at) VALUES (?, ?, ?, ?, 'ready', ?, ?)""",
        ((refund_id, application, case_id, slip_text(slip), moment, moment) for slip in slips),
    )


def reprint(step: Step, job_id: int, operator: str) -> PrintJob:
    """A copy of a slip, marked with its count; a copy of a copy counts on the original.

    Failure ``ledger.slip_gone`` where what it said was purged.
    """
    row = step.db.execute("SELECT * FROM print_jobs WHERE job_id = ?", (job_id,)).fetchone()
    if row is None:
        raise KeyError(job_id)
    if job_id in purges.gone_over(step.db, purges.SLIPS):
        raise Failure("ledger.slip_gone", job=job_id)
    original = row["original"] or job_id
    copies = step.db.execute("SELECT count(*) FROM print_jobs WHERE original = ?", (original,))
    number = int(copies.fetchone()[0]) + 1
    moment = step.now.isoformat()
    copy = step.db.execute(
        """INSERT INTO print_jobs (refund_id, application, case_id, original, slip, state,
        duplicate, queued_at, changed_at) VALUES (?, ?, ?, ?, ?, 'ready', ?, ?, ?)""",
        (
            *(row["refund_id"], row["application"], row["case_id"]),
            *(original, row["slip"], number, moment, moment),
        ),
    ).lastrowid
    assert copy is not None  # noqa: S101 - an insert into a rowid table
    step.log("reprint", job=copy, original=original, duplicate=number, operator=operator)
    return load(step.db, copy)


def change(
    step: Step, job_id: int, state: JobState, allowed: Sequence[JobState], operator: str = ""
) -> PrintJob:
    """Move a job on. Failure ``ledger.job`` where it is in no state that may."""
    job = load(step.db, job_id)
    if job.state not in allowed:
        raise Failure("ledger.job", job=job_id, state=job.state.value)
    attempt = job.attempt + (state is JobState.SENDING)
    step.db.execute(
        """UPDATE print_jobs SET state = ?, attempt = ?, changed_at = ?
        WHERE job_id = ? AND state = ?""",
        (state, attempt, step.now.isoformat(), job_id, job.state),
    )
    step.log("job", job=job_id, state=state, attempt=attempt, operator=operator)
    return load(step.db, job_id)


def interrupted(step: Step) -> list[PrintJob]:
    """At start-up: what was being sent has an unknown end, and is not printed by itself."""
    rows = step.db.execute("SELECT job_id FROM print_jobs WHERE state = 'sending' ORDER BY job_id")
    return [
        change(step, row["job_id"], JobState.UNKNOWN, (JobState.SENDING,))
        for row in rows.fetchall()
    ]
