"""By what the acquirer knows a payment: one transaction is one sale, whoever told of it."""

from __future__ import annotations

import sqlite3
from datetime import tzinfo

from msgspec import Struct

from pos_terminal.core.sale import Sale, SaleOrigin
from pos_terminal.services.ledger.books.sales.record import day_of


class Transaction(Struct, frozen=True):
    """What the acquirer knows one payment by."""

    merchant_id: str
    terminal_id: str
    batch: str
    trace: str
    rrn: str
    on: str
    """The shop's day, ISO 8601."""


def transactions(sale: Sale, zone: tzinfo) -> list[Transaction]:
    """Of its payments, those that have an RRN and a trace."""
    payments = [leg.payment for leg in sale.tenders if leg.payment is not None]
    return [
        Transaction(
            sale.merchant_id,
            *(one.terminal_id, one.batch, one.trace, one.rrn),
            day_of(one.paid_at, zone),
        )
        for one in payments
        if one.rrn and one.trace
    ]


def of_transaction(db: sqlite3.Connection, one: Transaction, sale_key: int) -> str | None:
    """The till's name of another sale that it is known to be; empty for one without a name. One
    that was typed is no other: the till's is that (R7)."""
    row = db.execute(
        """SELECT s.sale_id FROM tenders t JOIN sales s USING (sale_key) WHERE t.rrn = ?
        AND t.rrn != '' AND t.paid_on = ? AND t.trace = ? AND t.batch = ? AND t.terminal_id = ?
        AND s.merchant_id = ? AND t.sale_key != ? AND s.origin != ? LIMIT 1""",
        (
            one.rrn,
            one.on,
            one.trace,
            one.batch,
            one.terminal_id,
            one.merchant_id,
            sale_key,
            SaleOrigin.TYPED,
        ),
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


class TypedLeg(Struct, frozen=True):
    """A payment that was typed."""

    sale_key: int
    leg: int
    name: str | None
    """The till's name of its sale, whose reference was typed; None: all of the sale was."""
    held: bool
    """A refund of it is open."""


def typed_as(db: sqlite3.Connection, rrn: str, on: str, sale_key: int) -> TypedLeg | None:
    """What was typed with this reference of that day (ISO 8601), in another sale."""
    row = db.execute(
        """SELECT t.sale_key, t.leg, s.sale_id, t.held > 0 AS held FROM tenders t
        JOIN sales s USING (sale_key) WHERE t.rrn = ? AND t.rrn != '' AND t.paid_on = ?
        AND t.typed > 0 AND t.sale_key != ? LIMIT 1""",
        (rrn, on, sale_key),
    ).fetchone()
    if row is None:
        return None
    return TypedLeg(row["sale_key"], row["leg"], row["sale_id"], bool(row["held"]))


def named_by(db: sqlite3.Connection, rrn: str, on: str, sale_key: int = 0) -> str | None:
    """Another sale that has a payment with this reference of that day, by its name or number."""
    row = db.execute(
        """SELECT coalesce(s.sale_id, '#' || s.sale_key) FROM tenders t JOIN sales s
        USING (sale_key) WHERE t.rrn = ? AND t.rrn != '' AND t.paid_on = ?
        AND t.sale_key != ? LIMIT 1""",
        (rrn, on, sale_key),
    ).fetchone()
    return None if row is None else str(row[0])
