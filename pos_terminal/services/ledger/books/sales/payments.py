"""By what the acquirer knows a payment: one transaction is one sale, whoever told of it."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import tzinfo
from typing import Final

from msgspec import Struct

from pos_terminal.core.reference import NEIGHBOUR_DAYS, spelled
from pos_terminal.core.sale import Sale, SaleOrigin
from pos_terminal.services.ledger.books.sales.record import day_of

_APART: Final = "abs(julianday(t.paid_on) - julianday(:on))"
SAME: Final = f"""t.rrn = :rrn AND t.rrn != '' AND (t.paid_on = :on
    OR {_APART} <= iif(t.typed > 0, :apart, {NEIGHBOUR_DAYS})
    AND (t.terminal_id = :terminal OR t.amount = :amount))"""
"""Whether leg ``t`` is that payment."""


class Transaction(Struct, frozen=True):
    """What the acquirer knows one payment by."""

    merchant_id: str
    terminal_id: str
    batch: str
    trace: str
    rrn: str
    """As ``spelled``."""


def transactions(sale: Sale, zone: tzinfo) -> list[tuple[Transaction, str]]:
    """Of its payments, those that have an RRN and a trace, each with the shop's day (ISO 8601)."""
    payments = [leg.payment for leg in sale.tenders if leg.payment is not None]
    return [
        (
            Transaction(
                sale.merchant_id,
                *(one.terminal_id, one.batch, one.trace, spelled(one.rrn)),
            ),
            day_of(one.paid_at, zone),
        )
        for one in payments
        if one.rrn and one.trace
    ]


def of_transaction(db: sqlite3.Connection, one: Transaction, on: str, sale_key: int) -> str | None:
    """The till's name of another sale that it is known to be, of this day or one beside it; empty
    for one without a name. One that was typed is no other: the till's is that (R7)."""
    row = db.execute(
        f"""SELECT s.sale_id FROM tenders t JOIN sales s USING (sale_key) WHERE t.rrn = :rrn
        AND t.rrn != '' AND {_APART} <= {NEIGHBOUR_DAYS} AND t.trace = :trace AND t.batch = :batch
        AND t.terminal_id = :terminal AND s.merchant_id = :merchant AND t.sale_key != :key
        AND s.origin != '{SaleOrigin.TYPED}' LIMIT 1""",
        {
            "rrn": one.rrn,
            "on": on,
            "trace": one.trace,
            "batch": one.batch,
            "terminal": one.terminal_id,
            "merchant": one.merchant_id,
            "key": sale_key,
        },
    ).fetchone()
    return None if row is None else row["sale_id"] or ""


def of_payment(db: sqlite3.Connection, rrn: str, on: str) -> tuple[int, int] | None:
    """Sale and leg of the one payment with this RRN, of that day where one is told (ISO 8601, or
    empty); None where none is, or several are."""
    sql = """SELECT sale_key, leg FROM tenders WHERE rrn = :rrn AND rrn != ''
        AND (:on = '' OR paid_on = :on) LIMIT 2"""
    found = db.execute(sql, {"rrn": rrn, "on": on}).fetchall()
    return (found[0]["sale_key"], found[0]["leg"]) if len(found) == 1 else None


def typed_sales(db: sqlite3.Connection) -> bool:
    """Whether anything was typed at all: most imports need ask no more."""
    return db.execute("SELECT 1 FROM tenders WHERE typed > 0 LIMIT 1").fetchone() is not None


class Reference(Struct, frozen=True, kw_only=True):
    """A payment as a slip has it, or a till."""

    rrn: str
    on: str
    """ISO 8601."""
    terminal_id: str
    amount: int
    """Minor units."""
    typed: bool = True
    """Somebody read it from a slip; else a till tells it, and its day is right."""


class Named(Struct, frozen=True):
    """A leg whose payment that is."""

    sale_key: int
    leg: int
    name: str | None
    """The till's name of its sale; None: all of the sale was typed."""
    typed: bool

    @property
    def shown(self) -> str:
        return self.name or f"#{self.sale_key}"


def named_by(db: sqlite3.Connection, one: Reference, sale_key: int = 0) -> Sequence[Named]:
    """Every leg of another sale that is this payment: of the same day, or around it with the same
    terminal or amount, the day's own first."""
    sql = f"""SELECT t.sale_key, t.leg, s.sale_id, t.typed > 0 AS typed
        FROM tenders t JOIN sales s USING (sale_key) WHERE {SAME} AND t.sale_key != :key
        ORDER BY t.paid_on != :on, t.sale_key, t.leg"""
    return [
        Named(row["sale_key"], row["leg"], row["sale_id"], bool(row["typed"]))
        for row in db.execute(sql, {**asked(one), "key": sale_key})
    ]


def asked(one: Reference) -> dict[str, str | int]:
    """The values of ``SAME``."""
    # what two people typed may lie on either side of its day
    apart = NEIGHBOUR_DAYS * (2 if one.typed else 1)
    return {
        "rrn": spelled(one.rrn),
        "on": one.on,
        "terminal": one.terminal_id,
        "amount": one.amount,
        "apart": apart,
    }
