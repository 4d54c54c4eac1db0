"""What is known of applications."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import datetime
from typing import Final

import msgspec

from pos_terminal.core.application import ApplicationState
from pos_terminal.core.decision import StoredVerdict, is_to_holder
from pos_terminal.core.goods_back import GoodsBack
from pos_terminal.core.invoice import InvoiceBack
from pos_terminal.core.items import Item
from pos_terminal.core.refund import Kind
from pos_terminal.core.rules import exchange_told, serial, typed
from pos_terminal.core.sale import SaleState
from pos_terminal.ports import Application, Approval
from pos_terminal.services.ledger.books.applications import items
from pos_terminal.services.ledger.books.book import ReadFace

Row = sqlite3.Row
SEVERAL: Final = "EXISTS (SELECT 1 FROM applications o WHERE o.ticket = a.ticket AND o.place > 1)"
"""SQL: whether the ticket of the application ``a`` has several legs."""
_BY_NUMBER: Final = "SELECT * FROM applications WHERE number = ?"
WAITS: Final = f"a.state = '{ApplicationState.OPEN}' AND a.kept AND NOT {SEVERAL}"
"""SQL: whether the application ``a`` was kept for want of merchant funds (51)."""
_KEPT: Final = f"""SELECT * FROM applications a WHERE {WAITS} AND EXISTS (
    SELECT 1 FROM tenders t JOIN sales s USING (sale_key) WHERE t.sale_key = a.sale_key
    AND t.leg = a.leg AND t.amount > t.done + t.held AND s.state = '{SaleState.APPROVED}')
    ORDER BY number"""
_TO_DO: Final = f"""SELECT * FROM applications a WHERE state = '{ApplicationState.OPEN}' AND kept
    AND {SEVERAL} ORDER BY number"""
_OF_TICKET: Final = "SELECT * FROM applications WHERE ticket = ? ORDER BY place, number"
_APPROVALS: Final = "SELECT * FROM approvals WHERE application = ? ORDER BY seq"
_DECISIONS: Final = "SELECT facts FROM decisions WHERE application = ? ORDER BY seq"


def load(db: sqlite3.Connection, number: int) -> Application:
    """KeyError for a number that was never given."""
    found = _applications(db, _BY_NUMBER, number)
    if not found:
        raise KeyError(number)
    return found[0]


def verdicts_of(db: sqlite3.Connection, number: int) -> list[StoredVerdict]:
    """What the rules answered, in that order."""
    found = db.execute(_DECISIONS, (number,)).fetchall()
    return [msgspec.json.decode(row["facts"], type=StoredVerdict) for row in found]


def asked_about(db: sqlite3.Connection, number: int) -> str:
    """The sales that the application was decided in sight of, though they may be the same payment
    (R7): as the rule ``typed`` keeps them, or nothing."""
    return typed.asked_about(verdicts_of(db, number))


def told_of(db: sqlite3.Connection, number: int) -> set[int]:
    """The cases of exchange credits that the application was decided in sight of (R37)."""
    return exchange_told.told_of(verdicts_of(db, number))


def paid_told_of(db: sqlite3.Connection, number: int) -> set[int] | None:
    """The applications that had paid for a piece of it, likewise (R72); None where the shop wants
    nobody asked about numbers."""
    return serial.told_of(verdicts_of(db, number))


def is_for_holder(db: sqlite3.Connection, number: int) -> bool:
    """Whether it is for who has the gift receipt, as it was decided."""
    return is_to_holder(verdicts_of(db, number))


def is_open(db: sqlite3.Connection, sale_key: int) -> bool:
    """Whether one for this sale is being entered, or kept."""
    sql = f"SELECT 1 FROM applications WHERE sale_key = ? AND state = '{ApplicationState.OPEN}'"
    return db.execute(f"{sql} LIMIT 1", (sale_key,)).fetchone() is not None


def _applications(db: sqlite3.Connection, sql: str, *values: int) -> list[Application]:
    return [
        application_of(row, items.of(db, row["number"]))
        for row in db.execute(sql, values).fetchall()
    ]


def application_of(row: Row, goods: Sequence[Item]) -> Application:
    return Application(
        number=row["number"],
        ticket=row["ticket"],
        place=row["place"],
        kept=bool(row["kept"]),
        sale_key=row["sale_key"],
        leg=row["leg"],
        kind=Kind(row["kind"]),
        amount=row["amount"],
        reason=row["reason"],
        operator=row["operator"],
        state=ApplicationState(row["state"]),
        items=tuple(goods),
        owed=row["owed"],
        note=row["note"],
        goods_back=GoodsBack(row["goods_back"]) if row["goods_back"] else None,
        invoice=InvoiceBack.stored(row["invoice"], row["invoice_no"]),
    )


def approval_of(row: Row) -> Approval:
    return Approval(
        supervisor=row["supervisor"],
        name=row["name"],
        at=datetime.fromisoformat(row["at"]),
        amount=row["amount"],
        rule=row["rule"],
        plan=row["plan"],
    )


def approvals(db: sqlite3.Connection, number: int) -> list[Approval]:
    """Who has said yes to it, in their order."""
    return [approval_of(row) for row in db.execute(_APPROVALS, (number,)).fetchall()]


class ApplicationReads(ReadFace):
    """Fulfils ``ports.ApplicationReads``."""

    def by_number(self, number: int) -> Application | None:
        found = _applications(self._reads.db, _BY_NUMBER, number)
        return found[0] if found else None

    def changed_at(self, number: int) -> datetime:
        found = self._rows("SELECT changed_at FROM applications WHERE number = ?", number)
        if not found:
            raise KeyError(number)
        return datetime.fromisoformat(found[0]["changed_at"])

    def kept(self) -> Sequence[Application]:
        return _applications(self._reads.db, _KEPT)

    def to_do(self) -> Sequence[Application]:
        return _applications(self._reads.db, _TO_DO)

    def of_ticket(self, ticket: int) -> Sequence[Application]:
        return _applications(self._reads.db, _OF_TICKET, ticket)

    def approvals(self, application: int) -> Sequence[Approval]:
        return approvals(self._reads.db, application)

    def decisions(self, application: int) -> Sequence[StoredVerdict]:
        return verdicts_of(self._reads.db, application)
