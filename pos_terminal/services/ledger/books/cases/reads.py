"""What is known of cases."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import date, datetime
from typing import Final

import msgspec
from msgspec import Struct

from pos_terminal.core.case import (
    AT_ONCE,
    FACTS,
    CaseFacts,
    CaseKind,
    CaseState,
    Reported,
)
from pos_terminal.core.case_end import CaseCause, Loss
from pos_terminal.core.reference import NEIGHBOUR_DAYS, spelled
from pos_terminal.core.refund import HOLDING, OPEN
from pos_terminal.ports import Case, CaseEnd, CaseStep
from pos_terminal.services.ledger.books import sales
from pos_terminal.services.ledger.books.book import (
    ReadFace,
)
from pos_terminal.services.ledger.books.cases.steps import of_case
from pos_terminal.services.ledger.names import among

_CASE: Final = f"""SELECT cases.*, (SELECT count(*) FROM case_steps s
    WHERE s.case_id = cases.case_id) AS steps, EXISTS (SELECT 1 FROM refunds r
    WHERE r.refund_id = cases.refund_id AND r.state IN {among(OPEN)}) AS outcome_open FROM cases"""
_OPEN_ONES: Final = f"""{_CASE} WHERE cases.state = '{CaseState.OPEN}'
    AND (due_on, case_id) > (?, ?) ORDER BY due_on, case_id LIMIT {AT_ONCE}"""
_OPEN_OF_SALE: Final = f"{_CASE} WHERE sale_key = ? AND state = '{CaseState.OPEN}' ORDER BY case_id"
_ABOUT: Final = f"{_CASE} WHERE sale_key = ? ORDER BY case_id"
_END: Final = """SELECT at, reference, operator, first, first_name, second, second_name, cause,
    loss_shop, loss_customer, loss_acquirer FROM closings WHERE case_id = ?"""
_DUE: Final = f"""SELECT count(*) FROM cases k LEFT JOIN refunds r
    ON r.refund_id = k.refund_id WHERE k.state = '{CaseState.OPEN}' AND k.due_on <= ?
    AND coalesce(r.state, '') NOT IN {among(OPEN)}"""
_OWN_NUMBER: Final = f"""SELECT 1 FROM cases WHERE state = '{CaseState.OPEN}'
    AND kind = '{CaseKind.PAID_UNKNOWN}' AND facts ->> 'own' LIMIT 1"""
_BY_REFERENCE: Final = f"""k.kind = '{CaseKind.TYPED_DIFFERS}'
    AND k.told BETWEEN 'reference/' AND 'reference/~'"""
"""The reference was typed, and a till tells another one. From an index, as each import asks."""
_ASKED_AS: Final = f"""SELECT r.refund_id, k.sale_key,
    iif(r.state IN {among(HOLDING)}, r.amount, r.done) AS given
    FROM cases k JOIN tenders t ON t.sale_key = k.sale_key AND t.leg = k.facts ->> 'leg'
    JOIN refunds r ON r.sale_key = t.sale_key AND r.leg = t.leg
    WHERE {_BY_REFERENCE} AND k.told = 'reference/' || t.leg || '/' || :rrn
    AND r.original_rrn = :rrn AND t.rrn != :rrn AND given > 0
    AND abs(julianday(t.paid_on) - julianday(:on)) <= {NEIGHBOUR_DAYS}
    AND NOT EXISTS (SELECT 1 FROM cases WHERE kind = '{CaseKind.ELSEWHERE}'
        AND told = 'asked/' || r.refund_id) ORDER BY r.refund_id"""
_TAKEN_OVER: Final = f"""SELECT k.told, k.sale_key,
    min(k.facts ->> 'given', t.done + t.held) AS given
    FROM cases k JOIN tenders t ON t.sale_key = k.sale_key AND t.leg = k.facts ->> 'leg'
    WHERE k.kind = '{CaseKind.TYPED_DIFFERS}' AND k.told BETWEEN 'typed/' AND 'typed/~'
    AND k.sale_key != :sale_key AND t.rrn = :rrn AND given > 0
    AND abs(julianday(t.paid_on) - julianday(:on)) <= 2 * {NEIGHBOUR_DAYS}
    AND NOT EXISTS (SELECT 1 FROM cases WHERE sale_key = :sale_key
        AND kind = '{CaseKind.ELSEWHERE}' AND told = 'asked/' || k.told) ORDER BY k.case_id"""
"""Each of the two may have been told of a day beside the typed one's."""
_OF_SALE: Final = f"""{_CASE} WHERE sale_key = ? AND kind = ?
    AND refund_id IS NULL AND state = '{CaseState.OPEN}'"""


def _facts_of(kind: CaseKind, text: str) -> CaseFacts:
    """Somebody at the terminal may have opened one of any kind by hand, in an earlier version."""
    try:
        return msgspec.json.decode(text, type=FACTS[kind])
    except msgspec.ValidationError:
        return msgspec.json.decode(text, type=Reported)


def case_of(row: sqlite3.Row) -> Case:
    kind = CaseKind(row["kind"])
    return Case(
        case_id=row["case_id"],
        kind=kind,
        sale_key=row["sale_key"],
        refund_id=row["refund_id"],
        over=row["over"],
        open=row["state"] == CaseState.OPEN,
        opened_at=datetime.fromisoformat(row["opened_at"]),
        facts=_facts_of(kind, row["facts"]),
        due_on=date.fromisoformat(row["due_on"]),
        steps=row["steps"],
        outcome_open=bool(row["outcome_open"]),
    )


def load(db: sqlite3.Connection, case_id: int) -> Case:
    """KeyError for a case that never was."""
    row = db.execute(f"{_CASE} WHERE case_id = ?", (case_id,)).fetchone()
    if row is None:
        raise KeyError(case_id)
    return case_of(row)


def _end_of(row: sqlite3.Row) -> CaseEnd:
    people = ((row["first"], row["first_name"]), (row["second"], row["second_name"]))
    return CaseEnd(
        at=datetime.fromisoformat(row["at"]),
        reference=row["reference"],
        operator=row["operator"],
        people=tuple(f"{number} {name}".strip() for number, name in people if number is not None),
        cause=None if row["cause"] is None else CaseCause(row["cause"]),
        loss=Loss(row["loss_shop"], row["loss_customer"], row["loss_acquirer"]),
    )


class Asked(Struct, frozen=True):
    """What went back by a reference that another sale has, or had by mistake."""

    what: str
    """Names it, once for all."""
    sale_key: int
    """That other sale."""
    given: int
    """Or held; minor units."""


def any_reference(db: sqlite3.Connection) -> bool:
    """Whether a till ever told what was typed otherwise: most imports need ask no more."""
    kind = CaseKind.TYPED_DIFFERS
    sql = f"SELECT 1 FROM cases WHERE kind = '{kind}' AND told > '' LIMIT 1"
    return db.execute(sql).fetchone() is not None


def asked_as(db: sqlite3.Connection, rrn: str, on: str) -> Sequence[Asked]:
    """What went back of the payment with this reference, of this day (ISO 8601), while a clerk had
    typed it for a leg that the till knows by another one since; but for what is a case by now."""
    rows = db.execute(_ASKED_AS, {"rrn": spelled(rrn), "on": on}).fetchall()
    return [Asked(str(row["refund_id"]), row["sale_key"], row["given"]) for row in rows]


def taken_over(db: sqlite3.Connection, rrn: str, on: str, sale_key: int) -> Sequence[Asked]:
    """What went back of a typed payment with this reference and day (ISO 8601), which another sale
    than this one has taken over, though its till told it otherwise than it was typed; but for what
    is a case of this sale by now."""
    values = {"rrn": spelled(rrn), "on": on, "sale_key": sale_key}
    rows = db.execute(_TAKEN_OVER, values).fetchall()
    return [Asked(row["told"], row["sale_key"], row["given"]) for row in rows]


def of_sale(db: sqlite3.Connection, sale_key: int) -> bool:
    """Whether there ever was one."""
    sql = "SELECT 1 FROM cases WHERE sale_key = ? LIMIT 1"
    return db.execute(sql, (sale_key,)).fetchone() is not None


def contradicted(db: sqlite3.Connection, refund_id: int) -> int:
    """What the acquirer is known to have paid of this refund against the ledger's word."""
    sql = "SELECT coalesce(sum(over), 0) FROM cases WHERE refund_id = ? AND kind = ?"
    return int(db.execute(sql, (refund_id, CaseKind.CONTRADICTION)).fetchone()[0])


class CaseReads(ReadFace):
    """Fulfils ``ports.CaseReads``."""

    def open_ones(self, after: Case | None = None) -> Sequence[Case]:
        behind = ("", 0) if after is None else (after.due_on.isoformat(), after.case_id)
        return [case_of(row) for row in self._rows(_OPEN_ONES, *behind)]

    def by_id(self, case_id: int) -> Case | None:
        return self._one(f"{_CASE} WHERE case_id = ?", case_id)

    def open_about(self, sale_key: int) -> Sequence[Case]:
        return [case_of(row) for row in self._rows(_OPEN_OF_SALE, sale_key)]

    def about(self, sale_key: int) -> Sequence[Case]:
        return [case_of(row) for row in self._rows(_ABOUT, sale_key)]

    def end(self, case_id: int) -> CaseEnd | None:
        found = self._rows(_END, case_id)
        return _end_of(found[0]) if found else None

    def steps(self, case_id: int) -> Sequence[CaseStep]:
        return of_case(self._reads.db, case_id)

    def due(self, on: date) -> int:
        return int(self._rows(_DUE, on.isoformat())[0][0])

    def own_number_paid(self) -> bool:
        return bool(self._rows(_OWN_NUMBER))

    def contradicted_by(self, refund_id: int) -> int:
        return contradicted(self._reads.db, refund_id)

    def of_sale(self, sale_key: int, kind: CaseKind) -> Case | None:
        return self._one(_OF_SALE, sale_key, kind)

    def also_counted(self, case_id: int) -> int | None:
        first = sales.first_of(self._reads.db, case_id)
        return first.sale_key if first is not None and first.given else None

    def _one(self, sql: str, *values: str | int) -> Case | None:
        found = self._rows(sql, *values)
        return case_of(found[0]) if found else None
