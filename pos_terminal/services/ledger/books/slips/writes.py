"""What may happen to a slip on its way."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

from pos_terminal.core.print_job import JobState, Upset
from pos_terminal.core.voucher import Voucher
from pos_terminal.core.words import Failure
from pos_terminal.ports import PrintJob
from pos_terminal.services.ledger import purges
from pos_terminal.services.ledger.books import sales
from pos_terminal.services.ledger.books.slips.reads import PROOFS
from pos_terminal.services.ledger.books.slips.rows import (
    OWNER,
    job_of,
    load,
    mark_of,
    slip_of,
    text_of,
)
from pos_terminal.services.ledger.step import Step
from pos_terminal.wire.receipt.slip import Slip

_SALE_OF: Final = """SELECT coalesce((SELECT sale_key FROM applications WHERE number = ?),
    (SELECT sale_key FROM cases WHERE case_id = ?))"""

_OF_PAYOUT: Final = """SELECT * FROM print_jobs WHERE case_id =
    (SELECT case_id FROM payouts WHERE payout_id = ?) AND slip -> 'head' ->> 'barcode' = ?"""


def queue(
    step: Step,
    slips: Sequence[Slip],
    refund_id: int | None,
    application: int | None,
    *,
    case_id: int | None = None,
    sale_key: int | None = None,
) -> None:
    """New jobs, READY, in the order given, with one entry for all of them.

    A refund's job leaves application and sale to the refund, which spares the conclusion two
    indexes. All others go with their sale: ``sale_key``, or that of the application or case; where
    there is none, with the application or case itself. A slip of nothing (a test) goes with none.
    """
    moment = step.now.isoformat()
    if refund_id is not None:
        application = sale_key = None
    elif sale_key is None:
        sale_key = step.db.execute(_SALE_OF, (application, case_id)).fetchone()[0]
    owner = (refund_id, application, case_id, sale_key)
    texts = [text_of(slip) for slip in slips]
    numbers = [
        step.insert(
            f"""INSERT INTO print_jobs (refund_id, application, case_id, sale_key, slip, state,
            queued_at, changed_at) VALUES (?, ?, ?, ?, ?, '{JobState.READY}', ?, ?)""",
            (*owner, text, moment, moment),
        )
        for text in texts
    ]
    if numbers:
        told = dict(zip(OWNER, owner, strict=True))
        marks = " ".join(map(partial(mark_of, step.audit_key), numbers, texts))
        step.log("slips", job=numbers[0], marks=marks, **told)


def prove(step: Step, sale_key: int, make: Callable[[int], Slip], operator: str) -> int:
    """A proof of purchase; its number of this sale. Who printed it is in the log, as of a copy."""
    sales.must_be_there(step.db, sale_key)
    number = 1 + int(step.db.execute(PROOFS, (sale_key,)).fetchone()[0])
    text, moment = text_of(make(number)), step.now.isoformat()
    job = step.insert(
        f"""INSERT INTO print_jobs (sale_key, slip, state, queued_at, changed_at)
        VALUES (?, ?, '{JobState.READY}', ?, ?)""",
        (sale_key, text, moment, moment),
    )
    told = dict.fromkeys(OWNER) | {"sale_key": sale_key}
    marks = mark_of(step.audit_key, job, text)
    step.log("proof", job=job, number=number, operator=operator, marks=marks, **told)
    return number


def go_over(step: Step, typed: int, into: sales.Into) -> None:
    """Slips of a typed sale are of the till's."""
    sql = "UPDATE print_jobs SET sale_key = ? WHERE sale_key = ?"
    step.db.execute(sql, (into.sale_key, typed))


def of_voucher(db: sqlite3.Connection, voucher: Voucher) -> Sequence[PrintJob]:
    """Those of its refund; of a payout's the one that is this number, for its case has others."""
    rows = db.execute("SELECT * FROM print_jobs WHERE refund_id = ?", (voucher.refund_id,))
    if voucher.payout_id is not None:
        rows = db.execute(_OF_PAYOUT, (voucher.payout_id, voucher.number))
    return [job_of(row) for row in rows.fetchall()]


def reprint(step: Step, job_id: int, operator: str) -> PrintJob:
    """A copy of a slip, marked with its count; a copy of a copy counts on the original.

    Failure ``ledger.slip_gone`` where what it said was purged, ``ledger.slip_is_money`` where it
    is a voucher: that one gets a new number instead.
    """
    row = step.db.execute("SELECT * FROM print_jobs WHERE job_id = ?", (job_id,)).fetchone()
    if row is None:
        raise KeyError(job_id)
    if job_id in purges.gone_over(step.db, purges.SLIPS):
        raise Failure("ledger.slip_gone", job=job_id)
    _refuse_money(job_id, slip_of(row))
    original = row["original"] or job_id
    copies = step.db.execute("SELECT count(*) FROM print_jobs WHERE original = ?", (original,))
    number = int(copies.fetchone()[0]) + 1
    moment = step.now.isoformat()
    copy = step.insert(
        f"""INSERT INTO print_jobs (refund_id, application, case_id, sale_key, original, slip,
        state, duplicate, queued_at, changed_at)
        VALUES (?, ?, ?, ?, ?, ?, '{JobState.READY}', ?, ?, ?)""",
        (
            *(row["refund_id"], row["application"], row["case_id"], row["sale_key"]),
            *(original, row["slip"], number, moment, moment),
        ),
    )
    step.log(
        "reprint",
        job=copy,
        original=original,
        duplicate=number,
        operator=operator,
        marks=mark_of(step.audit_key, copy, row["slip"]),
        **{name: row[name] for name in OWNER},
    )
    return load(step.db, copy)


def change(
    step: Step,
    job_id: int,
    state: JobState,
    allowed: Sequence[JobState],
    *,
    operator: str = "",
    upset: Upset | None = None,
) -> PrintJob:
    """Move a job on. Failure ``ledger.job`` where it is in no state that may.

    SENDING counts an attempt. Back from there to READY is a job of which no byte has left: that
    was none.
    """
    job = load(step.db, job_id)
    if job.state not in allowed:
        raise Failure("ledger.job", job=job_id, state=job.state.value)
    attempt = job.attempt + (state is JobState.SENDING)
    if (job.state, state) == (JobState.SENDING, JobState.READY):
        attempt -= 1
    step.db.execute(
        """UPDATE print_jobs SET state = ?, upset = ?, attempt = ?, changed_at = ?
        WHERE job_id = ? AND state = ?""",
        (state, upset, attempt, step.now.isoformat(), job_id, job.state),
    )
    why = {} if upset is None else {"upset": upset.value}
    step.log("job", job=job_id, state=state, attempt=attempt, operator=operator, **why)
    return load(step.db, job_id)


def again(step: Step, job_id: int, operator: str) -> PrintJob:
    """A slip in doubt whole again and marked. Failure ``ledger.slip_is_money`` for a voucher."""
    _refuse_money(job_id, load(step.db, job_id).slip)
    return change(step, job_id, JobState.READY, (JobState.UNKNOWN,), operator=operator)


def _refuse_money(job_id: int, slip: Slip) -> None:
    """Of two papers under one number the one who has the first could use it."""
    if slip.body.is_money(slip.head.copy):
        raise Failure("ledger.slip_is_money", job=job_id)


def drop_in_doubt(step: Step, jobs: Sequence[PrintJob], operator: str) -> None:
    """Of what is made anew: whether these came out decides nothing any more."""
    for job in jobs:
        if job.state is JobState.UNKNOWN:
            change(step, job.job_id, JobState.DROPPED, (JobState.UNKNOWN,), operator=operator)


def interrupted(step: Step) -> list[PrintJob]:
    """At start-up: what was being sent has an unknown end, and is not printed by itself."""
    rows = step.db.execute(
        f"SELECT job_id FROM print_jobs WHERE state = '{JobState.SENDING}' ORDER BY job_id"
    )
    return [
        change(step, row["job_id"], JobState.UNKNOWN, (JobState.SENDING,), upset=Upset.CRASH)
        for row in rows.fetchall()
    ]
