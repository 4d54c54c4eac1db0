"""Papers of a case: one number for all that code 7 leads to, whatever kind it is (R46, R47a).

Each belongs to a case and goes with it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final

from pos_terminal.core.case_paper import PaperKind
from pos_terminal.core.case_step import NewStep, StepKind
from pos_terminal.core.words import Failure
from pos_terminal.ports import CasePaper, NewCasePaper
from pos_terminal.services.ledger.books import cases, slips
from pos_terminal.services.ledger.books.book import (
    MOMENT,
    Book,
    Face,
    Gone,
    HeldBy,
    Listing,
    Log,
    ReadFace,
)
from pos_terminal.services.ledger.books.cases import steps
from pos_terminal.services.ledger.names import Names
from pos_terminal.services.ledger.step import Step
from pos_terminal.wire.receipt.slip import Slip

_TABLES: Final = """
CREATE TABLE case_papers (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    case_id INTEGER NOT NULL REFERENCES cases,
    kind TEXT NOT NULL REFERENCES case_paper_kinds,
    amount INTEGER CHECK (amount > 0),
    at TEXT NOT NULL,
    operator TEXT NOT NULL
) STRICT;
CREATE INDEX case_papers_case ON case_papers (case_id);
"""
_COLUMNS: Final = ("number", "case_id", "kind", "amount", "at", "operator")
_LIST: Final = f"SELECT {', '.join(_COLUMNS)} FROM case_papers ORDER BY number DESC LIMIT :limit"
_FACTS: Final = ("paper", "case", "of", "amount", MOMENT, "operator")
"""Of an entry, in the order of the columns."""


def issue(step: Step, new: NewCasePaper, make: Callable[[int], Sequence[Slip]]) -> CasePaper:
    """With its slips, and as a step of its case. Failure ``cases.closed``."""
    number = draw(step, new.case_id, new.kind, new.amount, new.operator)
    told = NewStep(StepKind.SLIP, new.operator, f"{new.text} #{number}", evidence=new.evidence)
    steps.add(step, new.case_id, told)
    slips.queue(step, make(number), None, None, case_id=new.case_id)
    return _load(step.db, number)


def draw(step: Step, case_id: int, kind: PaperKind, amount: int | None, operator: str) -> int:
    """The next number, for what has its step and its slips from its own book."""
    cases.load(step.db, case_id)
    number = step.insert(
        "INSERT INTO case_papers (case_id, kind, amount, at, operator) VALUES (?, ?, ?, ?, ?)",
        (case_id, kind, amount, step.now.isoformat(), operator),
    )
    step.log("case_paper", paper=number, case=case_id, of=kind, amount=amount, operator=operator)
    return number


def _load(db: sqlite3.Connection, number: int) -> CasePaper:
    row = db.execute("SELECT * FROM case_papers WHERE number = ?", (number,)).fetchone()
    return _paper_of(row)


def _paper_of(row: sqlite3.Row) -> CasePaper:
    return CasePaper(
        number=row["number"],
        case_id=row["case_id"],
        kind=PaperKind(row["kind"]),
        amount=row["amount"],
        at=datetime.fromisoformat(row["at"]),
        operator=row["operator"],
    )


def _witness(db: sqlite3.Connection, log: Log) -> None:
    """Each is as its entry says. Failure ``ledger.tampered``."""
    rows = db.execute(f"SELECT {', '.join(_COLUMNS)} FROM case_papers ORDER BY number")
    logged = log.of_kept("case_paper", "case", "cases", *_FACTS)
    if [tuple(row) for row in rows] != logged:
        raise Failure("ledger.tampered", what="papers of cases")


class CasePaperReads(ReadFace):
    """Fulfils ``ports.CasePaperReads``."""

    def by_number(self, number: int) -> CasePaper | None:
        return next(iter(self._all("number = ?", number)), None)

    def of_case(self, case_id: int) -> Sequence[CasePaper]:
        return self._all("case_id = ? ORDER BY number", case_id)

    def _all(self, where: str, value: int) -> list[CasePaper]:
        rows = self._rows(f"SELECT * FROM case_papers WHERE {where}", value)
        return [_paper_of(row) for row in rows]


class CasePapers(Face, CasePaperReads):
    """Fulfils ``ports.CasePapers``."""

    async def issue(self, new: NewCasePaper, make: Callable[[int], Sequence[Slip]]) -> CasePaper:
        return await self._door.step("issue_case_paper", lambda step: issue(step, new, make))


BOOK: Final = Book(
    names=(Names.of("case_paper_kinds", PaperKind),),
    tables=_TABLES,
    entries={"case_paper": HeldBy("case", "cases", "case_id")},
    witness=_witness,
    goes=(Gone("case_papers", "case_id IN (SELECT value FROM json_each(:cases))"),),
    lists=(Listing(name="case_papers", sql=_LIST, columns=_COLUMNS),),
)
