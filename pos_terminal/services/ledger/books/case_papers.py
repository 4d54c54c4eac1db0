"""Papers of cases: one number for all of them, each a step of its case (R46, R47a).

What more is known of a payout its own book has.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final

from pos_terminal.core.case_paper import PaperKind
from pos_terminal.core.case_step import NewStep, StepKind
from pos_terminal.core.words import Failure
from pos_terminal.ports import Case, CasePaper, NewPaper
from pos_terminal.services.ledger.books import cases, slips
from pos_terminal.services.ledger.books.asking_back import to_ask_back
from pos_terminal.services.ledger.books.book import (
    MOMENT,
    Book,
    Face,
    Gone,
    HeldBy,
    Invariant,
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
    at TEXT NOT NULL,
    kind TEXT NOT NULL REFERENCES case_paper_kinds,
    amount INTEGER NOT NULL CHECK (amount >= 0),
    currency TEXT NOT NULL,
    operator TEXT NOT NULL
) STRICT;
CREATE INDEX case_papers_case ON case_papers (case_id);
"""
_LIST: Final = """SELECT number, case_id, at, kind, amount, currency, operator FROM case_papers
    ORDER BY number DESC LIMIT :limit"""
_AS_PAYOUT: Final = f"""SELECT number FROM case_papers c LEFT JOIN payouts p ON p.payout_id = number
    WHERE (c.kind = '{PaperKind.PAYOUT}') != (p.payout_id IS NOT NULL)
    OR (c.case_id, c.at, c.amount, c.currency, c.operator)
        != (p.case_id, p.at, p.amount, p.currency, p.operator) LIMIT 1"""
_STAYS: Final = f"""s.recovery_no != '' AND substr(s.recovery_no, 1, 5) = :remedies
    AND EXISTS (SELECT 1 FROM case_papers p
    WHERE p.number = cast(substr(s.recovery_no, 6, 7) AS INTEGER)
    AND p.kind = '{PaperKind.RECOVERY}')"""
"""What paid a slip stays while the slip does, or that would be called unpaid again; slips of other
terminals have their numbers, too. A slip that nobody pays keeps nothing: its case does, for as long
as people keep that open."""
_FACTS: Final = ("paper", "case", "what", "amount", "currency", "operator", MOMENT)
"""Of an entry, in the order of the columns."""


def add(step: Step, new: NewPaper, make: Callable[[int], Sequence[Slip]]) -> int:
    """With its slips, and as a step of its case; its number. Failure ``cases.closed``."""
    number = draw(step, new)
    told = NewStep(StepKind.SLIP, new.operator, f"{new.text} #{number}", evidence=new.evidence)
    steps.add(step, new.case_id, told)
    slips.queue(step, make(number), None, None, case_id=new.case_id)
    return number


def print_again(step: Step, case_id: int, jobs: Sequence[int], told: NewStep) -> None:
    """Copies of its slips, or of its refund's, with the step that says so. Failure as of
    ``slips.reprint``, ``cases.closed``."""
    steps.add(step, case_id, told)
    for job in jobs:
        slips.reprint(step, job, told.operator)


def draw(step: Step, new: NewPaper) -> int:
    """Its number; what it says of the case is its caller's step."""
    facts = (new.case_id, step.now.isoformat(), new.kind, new.amount, new.currency, new.operator)
    number = step.insert(
        """INSERT INTO case_papers (case_id, at, kind, amount, currency, operator)
        VALUES (?, ?, ?, ?, ?, ?)""",
        facts,
    )
    step.log(
        "case_paper",
        paper=number,
        case=new.case_id,
        what=new.kind,
        amount=new.amount,
        currency=new.currency,
        operator=new.operator,
    )
    return number


def is_recovery(db: sqlite3.Connection, number: int) -> bool:
    """Whether the paper with this number is one that a sale pays."""
    sql = f"SELECT 1 FROM case_papers WHERE number = ? AND kind = '{PaperKind.RECOVERY}'"
    return db.execute(sql, (number,)).fetchone() is not None


def _recover(step: Step, new: NewPaper, make: Callable[[int], Sequence[Slip]]) -> int:
    """No more than the customer has too much. Failure ``recovery.too_much``."""
    if not 0 < new.amount <= to_ask_back(step.db, cases.load(step.db, new.case_id)):
        raise Failure("recovery.too_much")
    return add(step, new, make)


def _paper_of(row: sqlite3.Row) -> CasePaper:
    return CasePaper(
        number=row["number"],
        case_id=row["case_id"],
        at=datetime.fromisoformat(row["at"]),
        kind=PaperKind(row["kind"]),
        amount=row["amount"],
        currency=row["currency"],
        operator=row["operator"],
    )


def _witness(db: sqlite3.Connection, log: Log) -> None:
    """Each is what its entry says, and none is missing. Failure ``ledger.tampered``."""
    stored = db.execute(
        "SELECT number, case_id, kind, amount, currency, operator, at FROM case_papers"
    ).fetchall()
    if log.of_kept("case_paper", "case", "cases", *_FACTS) != sorted(map(tuple, stored)):
        raise Failure("ledger.tampered", what="papers of cases")


class CasePaperReads(ReadFace):
    """Fulfils ``ports.CasePaperReads``."""

    def by_number(self, number: int) -> CasePaper | None:
        return next(iter(self._all("WHERE number = ?", number)), None)

    def of_case(self, case_id: int) -> Sequence[CasePaper]:
        return self._all("WHERE case_id = ? ORDER BY number", case_id)

    def to_ask_back(self, case: Case) -> int:
        with self._reads.moment:
            return to_ask_back(self._reads.db, case)

    def _all(self, where: str, value: int) -> list[CasePaper]:
        return [_paper_of(row) for row in self._rows(f"SELECT * FROM case_papers {where}", value)]


class CasePapers(Face, CasePaperReads):
    """Fulfils ``ports.CasePapers``."""

    async def add(self, new: NewPaper, make: Callable[[int], Sequence[Slip]]) -> int:
        write = _recover if new.kind is PaperKind.RECOVERY else add
        return await self._door.step("case_paper", lambda step: write(step, new, make))

    async def print_again(self, case_id: int, jobs: Sequence[int], told: NewStep) -> None:
        await self._door.step(
            "case_paper_again", lambda step: print_again(step, case_id, jobs, told)
        )


BOOK: Final = Book(
    names=(Names.of("case_paper_kinds", PaperKind),),
    tables=_TABLES,
    entries={"case_paper": HeldBy("case", "cases", "case_id")},
    witness=_witness,
    invariants=(Invariant("payout by its paper", _AS_PAYOUT),),
    goes=(Gone("case_papers", "case_id IN (SELECT value FROM json_each(:cases))"),),
    sale_stays=_STAYS,
    lists=(
        Listing(
            name="case_papers",
            sql=_LIST,
            columns=("number", "case_id", "at", "kind", "amount", "currency", "operator"),
        ),
    ),
)
