"""Tables, checks and lists of slips."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Final

from pos_terminal.core.print_job import UNPRINTED, JobState, Upset
from pos_terminal.core.words import Failure
from pos_terminal.services.ledger import purges
from pos_terminal.services.ledger.books import sales
from pos_terminal.services.ledger.books.book import (
    MOMENT,
    Aged,
    Book,
    Gone,
    HeldBy,
    Listing,
    Log,
)
from pos_terminal.services.ledger.books.slips.rows import OWNER, TABLE_OF, mark_of, slip_of, text_of
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
_OF_LOOSE: Final = """application IN (SELECT value FROM json_each(:applications))
    OR case_id IN (SELECT value FROM json_each(:cases))"""
"""What has no sale of its own goes with what it is about."""
_FIXED: Final = (*OWNER, "original", "duplicate")
"""Columns that no job changes."""
_SALE_STAYS: Final = f"""s.sale_key IN (
        SELECT coalesce(r.sale_key, j.sale_key, 0) FROM print_jobs j
        LEFT JOIN refunds r ON r.refund_id = j.refund_id
        WHERE j.state IN {among(UNPRINTED)})"""
_STAYS: Final = f"x.state IN {among(UNPRINTED)} OR substr(x.changed_at, 1, 10) >= :before"


def _strip(step: Step, job_ids: Sequence[int]) -> None:
    """What printed slips say, but for what names them in a list."""
    rows = step.db.execute(
        "SELECT job_id, slip FROM print_jobs WHERE job_id IN (SELECT value FROM json_each(?))",
        (purges.as_list(job_ids),),
    )
    step.db.executemany(
        "UPDATE print_jobs SET slip = ? WHERE job_id = ?",
        [(text_of(_bare(slip_of(row))), row["job_id"]) for row in rows],
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
        right &= job_id in stripped or mark_of(log.key, job_id, row["slip"]) == mark_
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
        owner = tuple(entry[name] for name in OWNER)
        if any(one in log.purged[TABLE_OF[name]] for name, one in zip(OWNER, owner, strict=True)):
            continue  # it went with that
        fixed = (*owner, entry.get("original"), entry.get("duplicate", 0))
        for number, mark_ in enumerate(entry["marks"].split(), entry["job"]):
            found[number] = (fixed, mark_, entry[MOMENT])
    return found


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
