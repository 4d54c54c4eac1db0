"""Why money went back by another tender than it was paid with, and what shows it (R34, R75).

The log has each reference behind a mark: it keeps its facts longer than what is written here of
persons, which goes with the application's note.
"""

from __future__ import annotations

import sqlite3
from typing import Any, Final

from pos_terminal.core.evidence import MOST_EVIDENCE, EvidenceItem, EvidenceKind
from pos_terminal.core.refund import Kind
from pos_terminal.core.sale import TenderKind
from pos_terminal.core.tenders import Basis, Exceptional
from pos_terminal.core.words import Failure
from pos_terminal.services.ledger import purges
from pos_terminal.services.ledger.audit import mark
from pos_terminal.services.ledger.books.book import (
    Book,
    Gone,
    HeldBy,
    Invariant,
    Listing,
    Log,
    Query,
    ReadFace,
)
from pos_terminal.services.ledger.books.sales.came_back import came_back
from pos_terminal.services.ledger.names import Names
from pos_terminal.services.ledger.spans import NONE
from pos_terminal.services.ledger.step import Step

_TABLES: Final = f"""
CREATE TABLE exceptions (
    application INTEGER NOT NULL PRIMARY KEY REFERENCES applications,
    exception TEXT NOT NULL REFERENCES exceptionals
) STRICT, WITHOUT ROWID;
CREATE TABLE evidence (
    application INTEGER NOT NULL REFERENCES exceptions,
    seq INTEGER NOT NULL CHECK (seq BETWEEN 1 AND {MOST_EVIDENCE}),
    kind TEXT NOT NULL REFERENCES evidence_kinds,
    reference TEXT NOT NULL,
    PRIMARY KEY (application, seq)
) STRICT, WITHOUT ROWID;
"""
_BY_FORM: Final = f"('{TenderKind.WALLET}', '{TenderKind.TRANSFER}')"
_OF_NUMBERS: Final = "application IN (SELECT value FROM json_each(:applications))"
_LIST: Final = """SELECT application, exception, kind AS back, a.amount, a.state FROM exceptions
    JOIN applications a ON a.number = application ORDER BY application DESC LIMIT :limit"""
_UNFOUNDED: Final = f"""SELECT r.refund_id FROM refunds r JOIN tenders t USING (sale_key, leg)
    WHERE (r.kind = '{Kind.CASH}' AND t.kind != '{TenderKind.CASH}'
        OR r.kind = '{Kind.MANUAL}' AND t.kind NOT IN {_BY_FORM})
    AND NOT EXISTS (SELECT 1 FROM exceptions x WHERE x.application = r.application) LIMIT 1"""
"""Cash for what was not paid in cash, or a form for what goes back by itself, without a ground."""
EVIDENCE: Final = """SELECT kind, reference FROM evidence WHERE application = :application
    ORDER BY seq"""


def keep(step: Step, number: int, basis: Basis) -> None:
    """With the application that it is of, in the same commit. ValueError for no evidence; Failure
    ``tenders.none`` where less came back from the account than it asks for."""
    if not all(one.reference for one in basis.evidence):
        raise ValueError("evidence without a reference")
    if basis.exception is Exceptional.RETURNED:
        sql = "SELECT sale_key, leg, amount FROM applications WHERE number = ?"
        sale_key, leg, amount = step.db.execute(sql, (number,)).fetchone()
        if sum(one.left for one in came_back(step.db, sale_key, leg)) < amount:
            raise Failure("tenders.none")
    step.db.execute(
        "INSERT INTO exceptions (application, exception) VALUES (?, ?)", (number, basis.exception)
    )
    step.db.executemany(
        "INSERT INTO evidence (application, seq, kind, reference) VALUES (?, ?, ?, ?)",
        [(number, seq, one.kind, one.reference) for seq, one in enumerate(basis.evidence, 1)],
    )
    step.log(
        "exception",
        application=number,
        exception=basis.exception,
        kinds=" ".join(one.kind for one in basis.evidence),
        marks=_marks(step.audit_key, number, [one.reference for one in basis.evidence]),
    )


def _marks(key: bytes, number: int, references: list[str]) -> str:
    return " ".join(
        mark(key, "evidence", number, seq, text) for seq, text in enumerate(references, 1)
    )


def _witness(db: sqlite3.Connection, log: Log) -> None:
    gone = log.purged["applications"]
    erased = log.purged.erased.get(purges.REFUNDS, NONE)
    logged = {e["application"]: e for e in log.entries["exception"] if e["application"] not in gone}
    for number, exception in db.execute("SELECT application, exception FROM exceptions"):
        entry = logged.pop(number, None)
        rows = db.execute(
            "SELECT seq, kind, reference FROM evidence WHERE application = ? ORDER BY seq",
            (number,),
        ).fetchall()
        references = [row["reference"] for row in rows]
        right = entry is not None and (exception, " ".join(row["kind"] for row in rows)) == (
            entry["exception"],
            entry["kinds"],
        )
        right &= [row["seq"] for row in rows] == list(range(1, len(rows) + 1))
        if entry is not None and number not in erased:
            right &= _marks(log.key, number, references) == entry["marks"]
        if not right or (number in erased and any(references)):
            raise Failure("ledger.tampered", what=f"exception of request {number}")
    for number in logged:
        raise Failure("ledger.tampered", what=f"exception of request {number}")


def basis_of(db: sqlite3.Connection, number: int) -> Basis | None:
    """Why this application asks for another tender, where it does."""
    sql = "SELECT exception FROM exceptions WHERE application = ?"
    found = db.execute(sql, (number,)).fetchone()
    if found is None:
        return None
    evidence = tuple(
        EvidenceItem(EvidenceKind(row["kind"]), row["reference"])
        for row in db.execute(EVIDENCE, {"application": number})
    )
    return Basis(Exceptional(found["exception"]), evidence)


class ExceptionReads(ReadFace):
    """Fulfils ``ports.ExceptionReads``."""

    def of_application(self, number: int) -> Basis | None:
        return basis_of(self._reads.db, number)


def _shown(query: Query, row: dict[str, Any]) -> dict[str, Any]:
    return row | {"evidence": query(EVIDENCE, {"application": row["application"]})}


BOOK: Final = Book(
    names=(
        Names.of("exceptionals", Exceptional),
        Names.of("evidence_kinds", EvidenceKind),
    ),
    tables=_TABLES,
    entries={"exception": HeldBy("application", "applications", "number")},
    witness=_witness,
    invariants=(Invariant("exception of refund", _UNFOUNDED),),
    goes=(Gone("evidence", _OF_NUMBERS), Gone("exceptions", _OF_NUMBERS)),
    erased={
        purges.REFUNDS: (
            """UPDATE evidence SET reference = ''
            WHERE application IN (SELECT value FROM json_each(:numbers))""",
        )
    },
    lists=(
        Listing(
            name="exceptions",
            sql=_LIST,
            columns=("application", "exception", "back", "amount", "state"),
            shown=_shown,
        ),
    ),
)
