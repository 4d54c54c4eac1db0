"""Payouts: what the shop paid beside a sale for what went wrong, each by two people (R47a).

Each belongs to a case that has a sale, and goes with it. Names of people stand behind a mark in the
log, which keeps its facts longer.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from pos_terminal.core.case_paper import PaperKind
from pos_terminal.core.case_step import NewStep, StepKind
from pos_terminal.core.payout import AT_ONCE, PayoutFor, PayoutKind, PayoutLimits, PayoutState
from pos_terminal.core.words import Failure
from pos_terminal.ports import NewPaper, NewPayout, Payout, PayoutSlips
from pos_terminal.services.ledger import purges
from pos_terminal.services.ledger.audit import mark
from pos_terminal.services.ledger.books import case_papers, cases, slips, vouchers
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

_TABLES: Final = f"""
CREATE TABLE payouts (
    payout_id INTEGER PRIMARY KEY REFERENCES case_papers,
    case_id INTEGER NOT NULL REFERENCES cases,
    at TEXT NOT NULL,
    what TEXT NOT NULL REFERENCES payout_reasons,
    kind TEXT NOT NULL REFERENCES payout_kinds,
    amount INTEGER NOT NULL CHECK (amount > 0),
    currency TEXT NOT NULL,
    state TEXT NOT NULL REFERENCES payout_states,
    operator TEXT NOT NULL,
    first TEXT NOT NULL,
    first_name TEXT NOT NULL,
    second TEXT NOT NULL,
    second_name TEXT NOT NULL,
    CONSTRAINT others CHECK (first != operator AND second NOT IN (first, operator)),
    CHECK ((kind = '{PayoutKind.MANUAL}') = (state = '{PayoutState.FORM_PRINTED}')),
    CHECK ((kind = '{PayoutKind.CREDIT}') = (state = '{PayoutState.ISSUED}'))
) STRICT;
CREATE INDEX payouts_case ON payouts (case_id);
CREATE INDEX payouts_day ON payouts (substr(at, 1, 10));
CREATE INDEX payouts_lying ON payouts (payout_id) WHERE state = '{PayoutState.TO_HAND_OVER}';
"""
_OF_CASE: Final = "SELECT coalesce(sum(amount), 0) FROM payouts WHERE case_id = ?"
_OF_DAY: Final = "SELECT coalesce(sum(amount), 0) FROM payouts WHERE substr(at, 1, 10) = ?"
_LIST: Final = """SELECT payout_id, case_id, at, what, kind, amount, currency, state, operator,
    first, second FROM payouts ORDER BY payout_id DESC LIMIT :limit"""
_STAYS: Final = f"""EXISTS (SELECT 1 FROM payouts p JOIN cases c USING (case_id)
        WHERE c.sale_key = s.sale_key AND p.state = '{PayoutState.TO_HAND_OVER}')"""
_ERASED: Final = "UPDATE payouts SET first_name = '', second_name = '' WHERE case_id IN "
_OF_REFUNDS: Final = f"""{_ERASED} (SELECT case_id FROM cases JOIN refunds USING (refund_id)
    WHERE application IN (SELECT value FROM json_each(:numbers)))"""
_OF_CASES: Final = f"""{_ERASED} (SELECT case_id FROM cases WHERE refund_id IS NULL
    AND case_id IN (SELECT value FROM json_each(:numbers)))"""
_FACTS: Final = (
    *("payout", "case", "what", "way", "amount", "currency", "operator", "first", "second"),
    MOMENT,
)
"""Of an entry, in the order of the columns."""


def add(step: Step, new: NewPayout, limits: PayoutLimits, make: PayoutSlips) -> Payout:
    """With its slips, as store credit its voucher, and as a step of its case.

    Failure ``cases.closed``, ``remedy.over_case``, ``remedy.over_day``; ValueError for people who
    are not three, and for a case of no sale.
    """
    case = cases.load(step.db, new.case_id)
    people = {new.operator, *(one.supervisor for one in new.approvals)}
    if case.sale_key is None or len(people) != 1 + len(new.approvals):
        raise ValueError("a payout is of a case with a sale, and approved by two other people")
    today = step.now.isoformat()[:10]
    of_case, of_day = _sums(step.db, new.case_id, today)
    if of_case + new.amount > limits.per_case:
        raise Failure("remedy.over_case")
    if of_day + new.amount > limits.per_day:
        raise Failure("remedy.over_day")
    first, second = new.approvals
    paper = NewPaper(new.case_id, PaperKind.PAYOUT, new.amount, new.currency, new.operator)
    number = case_papers.draw(step, paper)
    step.db.execute(
        """INSERT INTO payouts (payout_id, case_id, at, what, kind, amount, currency, state,
        operator, first, first_name, second, second_name)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""",
        (
            *(number, new.case_id, step.now.isoformat(), new.what, new.kind),
            *(new.amount, new.currency),
            AT_ONCE[new.kind],
            *(new.operator, first.supervisor, first.name, second.supervisor, second.name),
        ),
    )
    step.log(
        "payout",
        payout=number,
        case=new.case_id,
        what=new.what,
        way=new.kind,
        amount=new.amount,
        currency=new.currency,
        operator=new.operator,
        first=first.supervisor,
        second=second.supervisor,
        names=mark(step.audit_key, "payout", number, first.name, second.name),
    )
    told = NewStep(StepKind.DECISION, new.operator, f"{new.text} #{number}")
    steps.add(step, new.case_id, told)
    voucher = None
    if new.kind is PayoutKind.CREDIT:
        voucher = vouchers.add_payout(step, number, new.amount, new.currency, new.operator)
    slips.queue(step, make(number, voucher), None, None, case_id=new.case_id)
    return load(step.db, number)


def handed_over(step: Step, number: int, operator: str) -> Payout:
    """The customer has it. Failure ``remedy.not_lying``."""
    changed = step.db.execute(
        "UPDATE payouts SET state = ? WHERE payout_id = ? AND state = ?",
        (PayoutState.HANDED_OVER, number, PayoutState.TO_HAND_OVER),
    ).rowcount
    if changed != 1:
        raise Failure("remedy.not_lying")
    payout = load(step.db, number)
    step.log("payout_handed_over", payout=number, case=payout.case_id, operator=operator)
    return payout


def load(db: sqlite3.Connection, number: int) -> Payout:
    """KeyError for one that never was."""
    row = db.execute("SELECT * FROM payouts WHERE payout_id = ?", (number,)).fetchone()
    if row is None:
        raise KeyError(number)
    return _payout_of(row)


def _sums(db: sqlite3.Connection, case_id: int, day: str) -> tuple[int, int]:
    of_case = db.execute(_OF_CASE, (case_id,)).fetchone()[0]
    return int(of_case), int(db.execute(_OF_DAY, (day,)).fetchone()[0])


def _payout_of(row: sqlite3.Row) -> Payout:
    return Payout(
        payout_id=row["payout_id"],
        case_id=row["case_id"],
        at=datetime.fromisoformat(row["at"]),
        what=PayoutFor(row["what"]),
        kind=PayoutKind(row["kind"]),
        amount=row["amount"],
        currency=row["currency"],
        state=PayoutState(row["state"]),
        operator=row["operator"],
    )


def _witness(db: sqlite3.Connection, log: Log) -> None:
    """Each is as its entry says and stands where the log says. Failure ``ledger.tampered``."""
    gone = log.purged["cases"]
    logged = {one["payout"]: one for one in log.entries["payout"] if one["case"] not in gone}
    over = {one["payout"] for one in log.entries["payout_handed_over"] if one["case"] not in gone}
    erased = cases.erased_cases(db, log)
    for *row, state, first_name, second_name in db.execute(
        """SELECT payout_id, case_id, what, p.kind, p.amount, p.currency, p.operator, first, second,
        p.at, p.state, first_name, second_name FROM payouts p"""
    ):
        number, names = row[0], (first_name, second_name)
        entry = logged.pop(number, None)
        right = entry is not None and row == [entry[fact] for fact in _FACTS]
        right &= (number in over) == (state == PayoutState.HANDED_OVER)
        if row[1] in erased:
            right &= not any(names)
        elif entry is not None:
            right &= mark(log.key, "payout", number, *names) == entry["names"]
        if not right:
            raise Failure("ledger.tampered", what=f"payout {number}")
    for number in logged:
        raise Failure("ledger.tampered", what=f"payout {number}")


class PayoutReads(ReadFace):
    """Fulfils ``ports.PayoutReads``."""

    def by_number(self, number: int) -> Payout | None:
        return next(iter(self._all("WHERE payout_id = ?", number)), None)

    def of_case(self, case_id: int) -> Sequence[Payout]:
        return self._all("WHERE case_id = ? ORDER BY payout_id", case_id)

    def to_hand_over(self) -> Sequence[Payout]:
        return self._all(f"WHERE state = '{PayoutState.TO_HAND_OVER}' ORDER BY payout_id")

    def paid(self, case_id: int, day: str) -> tuple[int, int]:
        return _sums(self._reads.db, case_id, day)

    def _all(self, where: str, *values: int) -> list[Payout]:
        return [_payout_of(row) for row in self._rows(f"SELECT * FROM payouts {where}", *values)]


class Payouts(Face, PayoutReads):
    """Fulfils ``ports.Payouts``."""

    async def pay_out(self, new: NewPayout, limits: PayoutLimits, make: PayoutSlips) -> Payout:
        return await self._door.step("pay_out", lambda step: add(step, new, limits, make))

    async def handed_over(self, number: int, operator: str) -> Payout:
        return await self._door.step(
            "payout_handed_over", lambda step: handed_over(step, number, operator)
        )


BOOK: Final = Book(
    names=(
        Names.of("payout_reasons", PayoutFor),
        Names.of("payout_kinds", PayoutKind),
        Names.of("payout_states", PayoutState),
    ),
    tables=_TABLES,
    entries={
        "payout": HeldBy("case", "cases", "case_id"),
        "payout_handed_over": HeldBy("case", "cases", "case_id"),
    },
    witness=_witness,
    goes=(Gone("payouts", "case_id IN (SELECT value FROM json_each(:cases))"),),
    erased={purges.REFUNDS: (_OF_REFUNDS,), purges.CASES: (_OF_CASES,)},
    sale_stays=_STAYS,
    lists=(
        Listing(
            name="payouts",
            sql=_LIST,
            columns=(
                *("payout_id", "case_id", "at", "what", "kind", "amount", "currency", "state"),
                *("operator", "first", "second"),
            ),
        ),
    ),
)
