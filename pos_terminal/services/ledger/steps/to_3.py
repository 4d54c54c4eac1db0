"""Schema 3, of 0.3.0, from 2."""

from __future__ import annotations

import sqlite3
from typing import Final

from pos_terminal.services.ledger.steps.rebuild import rebuild, statements

_UPSETS: Final = """CREATE TABLE print_upsets (name TEXT NOT NULL, PRIMARY KEY (name)) STRICT, WITHOUT ROWID;
INSERT INTO print_upsets (name) VALUES
    ('crash'), ('defect'), ('hang_up'), ('no_end'), ('offline'), ('power_on'), ('silent');
"""  # noqa: E501 - a table's text is compared
_PRINT_JOBS: Final = """CREATE TABLE print_jobs (
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
    CONSTRAINT asked CHECK (upset IS NULL OR state = 'unknown')
) STRICT;
CREATE INDEX print_jobs_state ON print_jobs (state, job_id) WHERE state IN ('ready', 'sending', 'unknown');
CREATE INDEX print_jobs_refund ON print_jobs (refund_id) WHERE refund_id IS NOT NULL;
CREATE INDEX print_jobs_application ON print_jobs (application) WHERE application IS NOT NULL;
CREATE INDEX print_jobs_case ON print_jobs (case_id) WHERE case_id IS NOT NULL;
CREATE INDEX print_jobs_sale ON print_jobs (sale_key) WHERE sale_key IS NOT NULL;
CREATE INDEX print_jobs_original ON print_jobs (original) WHERE original IS NOT NULL;
"""  # noqa: E501 - so is an index's
_VOUCHERS: Final = """CREATE TABLE vouchers (
    number TEXT PRIMARY KEY CHECK (length(number) = 13 AND number NOT GLOB '*[^0-9]*'),
    refund_id INTEGER NOT NULL REFERENCES refunds,
    amount INTEGER NOT NULL CHECK (amount > 0),
    redeemed INTEGER NOT NULL DEFAULT 0,
    currency TEXT NOT NULL,
    state TEXT NOT NULL REFERENCES voucher_states,
    issued_at TEXT NOT NULL,
    replaces TEXT UNIQUE REFERENCES vouchers,
    CONSTRAINT voucher_balance CHECK (redeemed BETWEEN 0 AND amount),
    CHECK ((state = 'redeemed') = (redeemed = amount))
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX vouchers_living ON vouchers (refund_id)
    WHERE state != 'replaced';
CREATE INDEX vouchers_refund ON vouchers (refund_id);
"""
_CLEARED: Final = """CREATE TABLE cleared_cards (
    refund_id INTEGER NOT NULL PRIMARY KEY REFERENCES refunds,
    reference TEXT NOT NULL CHECK (reference != ''),
    operator TEXT NOT NULL,
    first TEXT NOT NULL,
    first_name TEXT NOT NULL,
    first_at TEXT NOT NULL,
    second TEXT NOT NULL,
    second_name TEXT NOT NULL,
    second_at TEXT NOT NULL,
    CONSTRAINT two_people CHECK (first != second AND operator NOT IN (first, second))
) STRICT, WITHOUT ROWID;
CREATE INDEX refunds_called_stolen ON refunds (cause, refund_id)
    WHERE cause = 'card_refused';
"""


def run(db: sqlite3.Connection) -> None:
    _slips(db)
    _vouchers(db)
    _cleared(db)


def _slips(db: sqlite3.Connection) -> None:
    """What a printer took up counts as done; a slip in doubt says what happened to it. Of those
    from before nobody wrote it down."""
    db.execute("INSERT INTO print_job_states (name) VALUES ('taken')")
    for statement in statements(_UPSETS):
        db.execute(statement)
    rebuild(db, "print_jobs", _PRINT_JOBS)


def _vouchers(db: sqlite3.Connection) -> None:
    """A voucher may go on under another number. None has done so before."""
    db.execute("INSERT INTO voucher_states (name) VALUES ('replaced')")
    rebuild(db, "vouchers", _VOUCHERS)


def _cleared(db: sqlite3.Connection) -> None:
    """Two people may end what a card was called."""
    for statement in statements(_CLEARED):
        db.execute(statement)
