"""Cases: where people must act on a refund or a sale, until they close it (R8, R45)."""

from __future__ import annotations

import sqlite3
from typing import Final

from pos_terminal.core.case import CaseKind, CaseState
from pos_terminal.core.words import Failure
from pos_terminal.services.ledger import purges
from pos_terminal.services.ledger.books.book import (
    Book,
    Check,
    Gone,
    Listing,
    Log,
    Numbered,
    Row,
)
from pos_terminal.services.ledger.names import Names

_TABLES: Final = f"""
CREATE TABLE cases (
    case_id INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL REFERENCES case_kinds,
    sale_id TEXT NOT NULL REFERENCES sales,
    refund_id INTEGER REFERENCES refunds,
    state TEXT NOT NULL REFERENCES case_states,
    opened_at TEXT NOT NULL,
    closed_at TEXT,
    facts TEXT NOT NULL CHECK (json_valid(facts)),
    CHECK ((state = '{CaseState.CLOSED}') = (closed_at IS NOT NULL))
) STRICT;
CREATE UNIQUE INDEX cases_refund ON cases (refund_id, kind) WHERE refund_id IS NOT NULL;
CREATE UNIQUE INDEX cases_sale ON cases (sale_id, kind) WHERE refund_id IS NULL;
CREATE INDEX cases_of_sale ON cases (sale_id);
CREATE INDEX cases_open ON cases (case_id) WHERE state = '{CaseState.OPEN}';

CREATE TABLE closings (
    case_id INTEGER PRIMARY KEY REFERENCES cases,
    at TEXT NOT NULL,
    reference TEXT NOT NULL CHECK (reference != ''),
    operator TEXT NOT NULL,
    first TEXT NOT NULL,
    first_name TEXT NOT NULL,
    second TEXT,
    second_name TEXT,
    counted INTEGER NOT NULL CHECK (counted >= 0),
    CONSTRAINT others CHECK (first != operator AND (second IS NULL) = (second_name IS NULL)
        AND (second IS NULL OR second NOT IN (first, operator)))
) STRICT;
"""
_LIST: Final = """SELECT case_id, kind, refund_id, sale_id, state, opened_at, closed_at, reference,
    operator AS closed_by, first, second, counted FROM cases LEFT JOIN closings USING (case_id)
    ORDER BY case_id DESC LIMIT :limit"""
_ERASED: Final = """UPDATE closings SET first_name = '', second_name = iif(second IS NULL, NULL, '')
    WHERE case_id IN (SELECT case_id FROM cases WHERE refund_id IN (SELECT refund_id FROM refunds
    WHERE application IN (SELECT value FROM json_each(:applications))))"""
_SALE_STAYS: Final = f"""EXISTS (SELECT 1 FROM cases c WHERE c.sale_id = s.sale_id
        AND (c.state = '{CaseState.OPEN}' OR substr(c.closed_at, 1, 10) >= :quiet))"""
_APPLICATION_STAYS: Final = f"""EXISTS (SELECT 1 FROM refunds r JOIN cases c USING (refund_id)
            WHERE r.application = x.number AND c.state = '{CaseState.OPEN}')"""
_SLIP_STAYS: Final = f"""EXISTS (SELECT 1 FROM cases c WHERE c.state = '{CaseState.OPEN}'
            AND c.case_id = x.case_id)"""
_CLOSED: Final = f"""SELECT case_id FROM closings JOIN cases USING (case_id)
    WHERE state = '{CaseState.OPEN}' LIMIT 1"""
_CLOSING: Final = ("number", "case", "reference", "operator", "first", "second", "counted")
"""Facts of an entry, in the order of the columns."""


def _witness(db: sqlite3.Connection, log: Log) -> None:
    _check_paid_twice(db, log)
    logged = sorted(
        tuple(str(closing[fact]) for fact in _CLOSING)
        for closing in log.entries["closing"]
        if closing["number"] not in log.purged["cases"]
    )
    stored = db.execute(
        """SELECT case_id, kind, reference, operator, first, second, counted
        FROM closings LEFT JOIN cases USING (case_id)"""
    )
    if logged != sorted(tuple(map(str, row)) for row in stored):
        raise Failure("ledger.tampered", what="closed cases")


def _check_paid_twice(db: sqlite3.Connection, log: Log) -> None:
    """The cases that lock a sale though its refund's state is a plain one."""
    logged = sorted(
        (found["refund"], found["over"])
        for found in log.entries["paid_twice"]
        if found["refund"] not in log.purged["refunds"]
    )
    stored = db.execute(
        "SELECT refund_id, facts ->> 'over' FROM cases WHERE kind = ?", (CaseKind.PAID_TWICE,)
    )
    if logged != sorted(map(tuple, stored)):
        raise Failure("ledger.tampered", what="cases of what was paid twice")


BOOK: Final = Book(
    names=(Names.of("case_kinds", CaseKind), Names.of("case_states", CaseState)),
    tables=_TABLES,
    entries={
        "paid_twice": Row("refund", "refunds", "refund_id"),
        "closing": Row("number", "cases", "case_id"),
    },
    witness=_witness,
    checks=(Check("closing of case", _CLOSED),),
    numbered=(Numbered("cases", "case_id"),),
    goes=(
        Gone("cases", purges.OF_SALES),
        Gone("closings", "case_id IN (SELECT value FROM json_each(:cases))"),
    ),
    erased=(_ERASED,),
    sale_stays=_SALE_STAYS,
    application_stays=_APPLICATION_STAYS,
    slip_stays=_SLIP_STAYS,
    lists=(
        Listing(
            name="cases",
            sql=_LIST,
            columns=(
                *("case_id", "kind", "refund_id", "sale_id", "state", "opened_at", "closed_at"),
            ),
        ),
    ),
)
