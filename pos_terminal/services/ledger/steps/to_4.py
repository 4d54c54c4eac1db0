"""Schema 4, of the version after 0.3.0, from 3. Not released yet: what comes until then comes
into this file."""

from __future__ import annotations

import sqlite3
from typing import Final

from pos_terminal.services.ledger.steps.rebuild import rebuild

_APPLICATIONS: Final = """CREATE TABLE applications (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    ticket INTEGER NOT NULL CHECK (ticket BETWEEN 1 AND number),
    place INTEGER NOT NULL CHECK (place > 0),
    sale_key INTEGER REFERENCES sales,
    leg INTEGER NOT NULL CHECK (leg >= 0),
    kind TEXT NOT NULL REFERENCES refund_kinds,
    amount INTEGER NOT NULL,
    owed INTEGER NOT NULL CHECK (owed >= 0),
    reason TEXT NOT NULL,
    note TEXT NOT NULL,
    operator TEXT NOT NULL,
    state TEXT NOT NULL REFERENCES application_states,
    kept INTEGER NOT NULL DEFAULT 0 CHECK (kept IN (0, 1)),
    why TEXT NOT NULL DEFAULT '',
    opened_at TEXT NOT NULL,
    changed_at TEXT NOT NULL,
    UNIQUE (number, operator),
    CHECK (amount > 0 OR state = 'refused'),
    CONSTRAINT of_a_sale CHECK (sale_key > 0 AND leg > 0 OR state NOT IN ('done', 'failed', 'sealed'))
) STRICT;
CREATE INDEX applications_open ON applications (state) WHERE state = 'open';
CREATE INDEX applications_ticket ON applications (ticket, place, number);
CREATE INDEX applications_sale ON applications (sale_key);
CREATE INDEX applications_loose ON applications (number) WHERE sale_key IS NULL;
"""  # noqa: E501 - a table's text is compared
_APPROVALS: Final = """CREATE TABLE approvals (
    application INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    question INTEGER NOT NULL CHECK (question > 0),
    operator TEXT NOT NULL,
    supervisor TEXT NOT NULL,
    name TEXT NOT NULL,
    at TEXT NOT NULL,
    amount INTEGER NOT NULL,
    rule TEXT NOT NULL,
    plan TEXT NOT NULL,
    PRIMARY KEY (application, seq),
    CONSTRAINT two_people UNIQUE (application, question, supervisor),
    CONSTRAINT another CHECK (supervisor != operator),
    FOREIGN KEY (application, operator) REFERENCES applications (number, operator)
) STRICT, WITHOUT ROWID;
"""


def run(db: sqlite3.Connection) -> None:
    """A line for each concept that changed."""
    _tickets(db)


def _tickets(db: sqlite3.Connection) -> None:
    """Each application of before is a ticket of its own, and nobody approved a plan."""
    rebuild(db, "applications", _APPLICATIONS, {"ticket": "number", "place": "1"})
    rebuild(db, "approvals", _APPROVALS, {"plan": "''"})
