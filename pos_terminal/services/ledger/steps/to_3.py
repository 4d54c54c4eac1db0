"""Schema 3, of the version after 0.2.0, from 2. Not released yet: what comes until then comes
into this file."""

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


def run(db: sqlite3.Connection) -> None:
    _slips(db)


def _slips(db: sqlite3.Connection) -> None:
    """What a printer took up counts as done; a slip in doubt says what happened to it. Of those
    from before nobody wrote it down."""
    db.execute("INSERT INTO print_job_states (name) VALUES ('taken')")
    for statement in statements(_UPSETS):
        db.execute(statement)
    rebuild(db, "print_jobs", _PRINT_JOBS)
