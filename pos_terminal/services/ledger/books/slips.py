"""Slips on their way to paper: each waits as facts until the printer has it (``JobState``).

R41, R42; a slip belongs to a refund, or to a sale by way of an application, a case or another
matter of it, or to nothing (a test).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Final

import msgspec

from pos_terminal.core.print_job import UNPRINTED, JobState, Upset
from pos_terminal.core.words import Failure
from pos_terminal.ports import PrintJob
from pos_terminal.services.ledger import purges
from pos_terminal.services.ledger.audit import mark
from pos_terminal.services.ledger.books import sales
from pos_terminal.services.ledger.books.book import (
    MOMENT,
    Aged,
    Book,
    Face,
    Gone,
    HeldBy,
    Listing,
    Log,
    ReadFace,
)
from pos_terminal.services.ledger.names import Names, among
from pos_terminal.services.ledger.spans import NONE
from pos_terminal.services.ledger.step import Step
from pos_terminal.wire.receipt.head import Head
from pos_terminal.wire.receipt.slip import Slip

_TABLES: Final = f"""
CREATE TABLE print_jobs (
    job_id INTEGER PRIMARY KEY AUTOINCREMENT,
    refund_id INTEGER REFERENCES refunds,
    application INTEGER REFERENCES applications,
    case_id INTEGER REFERENCES cases,
    sale_key INTEGER REFERENCES sales,
    original INTEGER REFERENCES print_jobs,
    slip TEXT NOT NULL CHECK (json_valid(slip)),
    state TEXT NOT NULL REFERENCES print_job_states,
    upset TEXT REFERENCES print_upsets,
    attempt INTEGER NOT NULL DEFAULT 0,
    duplicate INTEGER NOT NULL DEFAULT 0,
    queued_at TEXT NOT NULL,
    changed_at TEXT NOT NULL,
    CONSTRAINT whose CHECK (refund_id IS NULL OR coalesce(application, case_id, sale_key) IS NULL),
    CONSTRAINT asked CHECK (upset IS NULL OR state = '{JobState.UNKNOWN}')
) STRICT;
CREATE INDEX print_jobs_state ON print_jobs (state, job_id) WHERE state IN {among(UNPRINTED)};
CREATE INDEX print_jobs_refund ON print_jobs (refund_id) WHERE refund_id IS NOT NULL;
CREATE INDEX print_jobs_application ON print_jobs (application) WHERE application IS NOT NULL;
CREATE INDEX print_jobs_case ON print_jobs (case_id) WHERE case_id IS NOT NULL;
CREATE INDEX print_jobs_sale ON print_jobs (sale_key) WHERE sale_key IS NOT NULL;
CREATE INDEX print_jobs_original ON print_jobs (original) WHERE original IS NOT NULL;
"""
_LIST: Final = """SELECT j.job_id, j.refund_id, coalesce(j.application, r.application)
    AS application, j.slip -> 'body' ->> 'kind' AS slip, j.slip -> 'head' ->> 'copy' AS copy,
    j.state, j.upset, j.attempt, j.duplicate, j.queued_at, j.changed_at
    FROM print_jobs j LEFT JOIN refunds r USING (refund_id)
    ORDER BY j.job_id DESC LIMIT :limit"""
_BEFORE: Final = """SELECT * FROM print_jobs WHERE job_id < ? AND duplicate = 0
    ORDER BY job_id DESC LIMIT ?"""
_OF_APPLICATION: Final = """SELECT * FROM print_jobs WHERE duplicate = 0 AND (application = ?
    OR refund_id IN (SELECT refund_id FROM refunds WHERE application = ?)) ORDER BY job_id"""
_PROOFS: Final = """SELECT count(*) FROM print_jobs WHERE sale_key = ? AND duplicate = 0
    AND slip -> 'body' ->> 'kind' = 'proof'"""
_SALE_OF: Final = """SELECT coalesce((SELECT sale_key FROM applications WHERE number = ?),
    (SELECT sale_key FROM cases WHERE case_id = ?))"""
_OF_LOOSE: Final = """application IN (SELECT value FROM json_each(:applications))
    OR case_id IN (SELECT value FROM json_each(:cases))"""
"""What has no sale of its own goes with what it is about."""
_TABLE_OF: Final = {
    "refund_id": "refunds",
    "application": "applications",
    "case_id": "cases",
    "sale_key": "sales",
}
_OWNER: Final = tuple(_TABLE_OF)
_FIXED: Final = (*_OWNER, "original", "duplicate")
"""Columns that no job changes."""
_ABOVE_ALL: Final = 2**63 - 1
_SALE_STAYS: Final = f"""s.sale_key IN (
        SELECT coalesce(r.sale_key, j.sale_key, 0) FROM print_jobs j
        LEFT JOIN refunds r ON r.refund_id = j.refund_id
        WHERE j.state IN {among(UNPRINTED)})"""
_STAYS: Final = f"x.state IN {among(UNPRINTED)} OR substr(x.changed_at, 1, 10) >= :before"


def job_of(row: sqlite3.Row) -> PrintJob:
    return PrintJob(
        job_id=row["job_id"],
        refund_id=row["refund_id"],
        slip=_slip(row),
        state=JobState(row["state"]),
        upset=None if row["upset"] is None else Upset(row["upset"]),
        attempt=row["attempt"],
        duplicate=row["duplicate"],
    )


def _slip(row: sqlite3.Row) -> Slip:
    from pos_terminal.wire.receipt.stored import read_slip  # with all kinds of slips

    return read_slip(row["slip"])


def _text(slip: Slip) -> str:
    return msgspec.json.encode(slip).decode()


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
    texts = [_text(slip) for slip in slips]
    numbers = [
        step.insert(
            f"""INSERT INTO print_jobs (refund_id, application, case_id, sale_key, slip, state,
            queued_at, changed_at) VALUES (?, ?, ?, ?, ?, '{JobState.READY}', ?, ?)""",
            (*owner, text, moment, moment),
        )
        for text in texts
    ]
    if numbers:
        told = dict(zip(_OWNER, owner, strict=True))
        marks = " ".join(map(partial(_mark, step.audit_key), numbers, texts))
        step.log("slips", job=numbers[0], marks=marks, **told)


def prove(step: Step, sale_key: int, make: Callable[[int], Slip], operator: str) -> int:
    """A proof of purchase; its number of this sale. Who printed it is in the log, as of a copy."""
    number = 1 + int(step.db.execute(_PROOFS, (sale_key,)).fetchone()[0])
    text, moment = _text(make(number)), step.now.isoformat()
    job = step.insert(
        f"""INSERT INTO print_jobs (sale_key, slip, state, queued_at, changed_at)
        VALUES (?, ?, '{JobState.READY}', ?, ?)""",
        (sale_key, text, moment, moment),
    )
    told = dict.fromkeys(_OWNER) | {"sale_key": sale_key}
    marks = _mark(step.audit_key, job, text)
    step.log("proof", job=job, number=number, operator=operator, marks=marks, **told)
    return number


def _mark(key: bytes, job_id: int, text: str) -> str:
    """Stands for what a slip says, which goes before the log's facts do."""
    return mark(key, "slip", job_id, text)


def go_over(step: Step, typed: int, into: sales.Into) -> None:
    """Slips of a typed sale are of the till's."""
    sql = "UPDATE print_jobs SET sale_key = ? WHERE sale_key = ?"
    step.db.execute(sql, (into.sale_key, typed))


def unprinted(db: sqlite3.Connection, refund_id: int) -> bool:
    """Whether a slip of this refund may still come out."""
    rows = db.execute("SELECT state FROM print_jobs WHERE refund_id = ?", (refund_id,))
    return any(JobState(row["state"]) in UNPRINTED for row in rows)


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
    _refuse_money(job_id, _slip(row))
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
        marks=_mark(step.audit_key, copy, row["slip"]),
        **{name: row[name] for name in _OWNER},
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


def drop_in_doubt(step: Step, refund_id: int, operator: str) -> None:
    """Of a refund whose slips are made anew: whether these came out decides nothing any more."""
    rows = step.db.execute(
        f"SELECT job_id FROM print_jobs WHERE refund_id = ? AND state = '{JobState.UNKNOWN}'",
        (refund_id,),
    )
    for row in rows.fetchall():
        change(step, row["job_id"], JobState.DROPPED, (JobState.UNKNOWN,), operator=operator)


def interrupted(step: Step) -> list[PrintJob]:
    """At start-up: what was being sent has an unknown end, and is not printed by itself."""
    rows = step.db.execute(
        f"SELECT job_id FROM print_jobs WHERE state = '{JobState.SENDING}' ORDER BY job_id"
    )
    return [
        change(step, row["job_id"], JobState.UNKNOWN, (JobState.SENDING,), upset=Upset.CRASH)
        for row in rows.fetchall()
    ]


def _strip(step: Step, job_ids: Sequence[int]) -> None:
    """What printed slips say, but for what names them in a list."""
    rows = step.db.execute(
        "SELECT job_id, slip FROM print_jobs WHERE job_id IN (SELECT value FROM json_each(?))",
        (purges.as_list(job_ids),),
    )
    step.db.executemany(
        "UPDATE print_jobs SET slip = ? WHERE job_id = ?",
        [(_text(_bare(_slip(row))), row["job_id"]) for row in rows],
    )


def _bare(slip: Slip) -> Slip:
    """Enough to name the slip in a list: when, what, how much."""
    head = slip.head
    bare = Head(
        copy=head.copy,
        merchant_name="",
        merchant_id="",
        terminal_id="",
        operator="",
        application=head.application,
        at=head.at,
        currency=head.currency,
        amount=head.amount,
        stan=head.stan,
    )
    return Slip(bare, type(slip.body)())


def _witness(db: sqlite3.Connection, log: Log) -> None:
    """Every job is as it was queued, what it says as far as it is kept, and stands where the
    newest entry says."""
    queued = _queued(log)
    moved = {entry["job"]: entry for entry in log.entries["job"]}
    stripped = log.purged.erased.get(purges.SLIPS, NONE)
    for row in db.execute("SELECT * FROM print_jobs"):
        job_id = row["job_id"]
        fixed, mark_, at = queued.pop(job_id, (None, "", ""))
        last = moved.get(job_id)
        stands = (JobState.READY, None, 0, at)
        if last is not None:  # entries of 0.2.0 tell of no upset
            stands = (last["state"], last.get("upset"), last["attempt"], last[MOMENT])
        right = fixed == tuple(row[name] for name in _FIXED) and at == row["queued_at"]
        right &= stands == (row["state"], row["upset"], row["attempt"], row["changed_at"])
        right &= job_id in stripped or _mark(log.key, job_id, row["slip"]) == mark_
        if not right:
            raise Failure("ledger.tampered", what=f"slip {job_id}")
    if queued:
        raise Failure("ledger.tampered", what=f"slip {min(queued)}")


_Queued = tuple[tuple[int | None, ...] | None, str, str]


def _queued(log: Log) -> dict[int, _Queued]:
    """By number: whose it is and of what it is a copy, the mark of its text, and when."""
    found: dict[int, _Queued] = {}
    joined = sales.Joined.of(log)
    for told in (*log.entries["slips"], *log.entries["reprint"], *log.entries["proof"]):
        entry = told | {"sale_key": joined.key(told["sale_key"])}
        owner = tuple(entry[name] for name in _OWNER)
        if any(one in log.purged[_TABLE_OF[name]] for name, one in zip(_OWNER, owner, strict=True)):
            continue  # it went with that
        fixed = (*owner, entry.get("original"), entry.get("duplicate", 0))
        for number, mark_ in enumerate(entry["marks"].split(), entry["job"]):
            found[number] = (fixed, mark_, entry[MOMENT])
    return found


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
        (row,) = self._rows(_PROOFS, sale_key)
        return int(row[0])

    def before(self, job_id: int | None, limit: int) -> Sequence[PrintJob]:
        return self._all(_BEFORE, _ABOVE_ALL if job_id is None else job_id, limit)

    def _all(self, sql: str, *values: int) -> list[PrintJob]:
        return [job_of(row) for row in self._rows(sql, *values)]


class PrintJobs(Face, PrintJobReads):
    """Fulfils ``ports.PrintJobs``."""

    async def queue(self, slips: Sequence[Slip], application: int | None) -> None:
        await self._door.step("queue_slips", lambda step: queue(step, slips, None, application))

    async def reprint(self, job_id: int, operator: str) -> PrintJob:
        return await self._door.step("queue_reprint", lambda step: reprint(step, job_id, operator))

    async def prove(self, sale_key: int, slip: Callable[[int], Slip], operator: str) -> int:
        return await self._door.step(
            "queue_proof", lambda step: prove(step, sale_key, slip, operator)
        )

    async def sending(self, job_id: int) -> PrintJob:
        return await self._door.step(
            "job_sending", lambda step: change(step, job_id, JobState.SENDING, (JobState.READY,))
        )

    async def done(self, jobs: Mapping[int, JobState]) -> None:
        def work(step: Step) -> None:
            for job_id, end in jobs.items():
                change(step, job_id, end, (JobState.SENDING,))

        await self._door.step("jobs_done", work)

    async def unknown(self, job_id: int, upset: Upset) -> None:
        await self._door.step(
            "job_unknown",
            lambda step: change(step, job_id, JobState.UNKNOWN, (JobState.SENDING,), upset=upset),
        )

    async def unsent(self, job_id: int) -> None:
        await self._door.step(
            "job_unsent", lambda step: change(step, job_id, JobState.READY, (JobState.SENDING,))
        )

    async def ready_again(self, job_id: int, operator: str) -> None:
        await self._door.step(
            "job_ready_again",
            lambda step: again(step, job_id, operator),
        )

    async def dropped(self, job_id: int, operator: str) -> None:
        before = (JobState.UNKNOWN, JobState.READY)
        await self._door.step(
            "job_dropped",
            lambda step: change(step, job_id, JobState.DROPPED, before, operator=operator),
        )

    async def interrupted(self) -> Sequence[PrintJob]:
        """At start-up: what was being printed has an unknown end; all jobs of that state."""
        if self.in_state(JobState.SENDING):
            await self._door.step("jobs_interrupted", interrupted)
        return self.in_state(JobState.UNKNOWN)


BOOK: Final = Book(
    names=(Names.of("print_job_states", JobState), Names.of("print_upsets", Upset)),
    tables=_TABLES,
    entries={
        "slips": HeldBy("job", "print_jobs", "job_id"),
        "reprint": HeldBy("job", "print_jobs", "job_id"),
        "proof": HeldBy("job", "print_jobs", "job_id"),
        "job": HeldBy("job", "print_jobs", "job_id", newest=True),
    },
    witness=_witness,
    goes=(
        Gone("print_jobs", purges.OF_REFUNDS),
        Gone("print_jobs", purges.OF_SALES),
        Gone("print_jobs", _OF_LOOSE),
    ),
    aged=(
        Aged(
            name=purges.SLIPS,
            table="print_jobs",
            number="job_id",
            at="queued_at",
            days=lambda retention: retention.slips_days,
            strip=_strip,
        ),
    ),
    stays={purges.SLIPS: _STAYS},
    sale_stays=_SALE_STAYS,
    lists=(
        Listing(
            name="print_jobs",
            sql=_LIST,
            columns=(
                *("job_id", "queued_at", "application", "refund_id", "slip", "state", "upset"),
                *("attempt", "duplicate"),
            ),
        ),
    ),
)
