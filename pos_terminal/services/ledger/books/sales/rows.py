"""A sale as its rows, and back."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence
from datetime import datetime, tzinfo
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from pos_terminal.core.invoice import Invoiced
from pos_terminal.core.refund import AS_CREDIT, HOLDING, SPENT, State
from pos_terminal.core.sale import (
    CardRef,
    Funding,
    LineKind,
    Payment,
    Sale,
    SaleLine,
    SaleOrigin,
    SaleState,
    Tender,
    TenderKind,
)
from pos_terminal.services.ledger.books.sales.record import day_of
from pos_terminal.services.ledger.names import among

if TYPE_CHECKING:
    from pos_terminal.wire.feed.entries import SaleEntry

Row = sqlite3.Row

BY_KEY: Final = "SELECT * FROM sales WHERE sale_key = ?"
BY_ID: Final = "SELECT * FROM sales WHERE sale_id = ?"
_TOLD_TENDERS: Final = "SELECT * FROM tenders WHERE sale_key = ? ORDER BY leg"
_TOOK: Final = SPENT | HOLDING | AS_CREDIT | {State.RETURNED}
DEDUCTED: Final = f"""SELECT coalesce(sum(i.deduction), 0) AS deducted
    FROM refunds r JOIN application_items i USING (application)
    WHERE r.sale_key = :sale_key AND r.state IN {among(_TOOK)}"""
"""Of all that was deducted: by the one payment of a ticket that names the goods, once it is paid or
as long as it may be."""
ALL_TENDERS: Final = "SELECT * FROM tenders ORDER BY sale_key, leg"
ALL_LINES: Final = "SELECT * FROM lines ORDER BY sale_key, line"
LINES: Final = "SELECT * FROM lines WHERE sale_key = ? ORDER BY line"


def sale_of(row: Row, tenders: Sequence[Row], lines: Sequence[Row]) -> Sale:
    return Sale(
        key=row["sale_key"],
        sale_id=row["sale_id"] or "",
        origin=SaleOrigin(row["origin"]),
        merchant_id=row["merchant_id"],
        terminal_id=row["terminal_id"],
        batch=row["batch"],
        trace=row["trace"],
        rrn=row["rrn"],
        auth_code=row["auth_code"],
        sold_at=datetime.fromisoformat(row["sold_at"]),
        currency=row["currency"],
        amount=row["amount"],
        receipt_no=row["receipt_no"],
        state=SaleState(row["state"]),
        gift_receipt_no=row["gift_receipt_no"],
        invoice=Invoiced(row["invoice"]) if row["invoice"] else None,
        invoice_no=row["invoice_no"],
        recovery_no=row["recovery_no"],
        tenders=tuple(map(_tender_of, tenders)),
        lines=tuple(map(_line_of, lines)),
        locked=bool(row["locked"]),
    )


def _tender_of(row: Row) -> Tender:
    kind = TenderKind(row["kind"])
    card = None
    if kind is TenderKind.CARD:
        card = CardRef(
            masked=row["masked"],
            token=row["token"],
            token_key_id=row["token_key_id"],
            par=row["par"],
            scheme=row["scheme"],
            funding=Funding(row["funding"]),
        )
    asked = "refused" in row.keys()  # noqa: SIM118 - keys of a Row
    return Tender(
        leg=row["leg"],
        kind=kind,
        amount=row["amount"],
        done=row["done"],
        held=row["held"],
        card=card,
        void_refused=asked and bool(row["refused"]),
        credited=row["credited"] if asked else 0,
        payment=_payment_of(row),
        batch_closed=bool(row["batch_closed"]),
        order_no=tuple(json.loads(row["order_no"])),
        voucher_no=row["voucher_no"],
        exchange_no=row["exchange_no"],
        in_notes=row["in_notes"] if asked else 0,
        apart=row["apart"] if asked else 0,
        reopens=row["reopens"] if asked else 0,
        reopened=row["reopened"] if asked else 0,
        typed=row["typed"],
        as_told=_as_told(row),
    )


def _as_told(row: Row) -> Payment | None:
    """Its moment is the till's in any case."""
    if row["as_told"] is None:
        return None
    terminal_id, batch, trace, auth_code = json.loads(row["as_told"])
    return Payment(
        terminal_id=terminal_id,
        batch=batch,
        trace=trace,
        auth_code=auth_code,
        paid_at=datetime.fromisoformat(row["paid_at"]),
    )


def _payment_of(row: Row) -> Payment | None:
    if row["paid_at"] is None:
        return None
    return Payment(
        terminal_id=row["terminal_id"],
        batch=row["batch"],
        trace=row["trace"],
        rrn=row["rrn"],
        auth_code=row["auth_code"],
        paid_at=datetime.fromisoformat(row["paid_at"]),
    )


def _line_of(row: Row) -> SaleLine:
    return SaleLine(
        line=row["line"],
        sku=row["sku"],
        name=row["name"],
        quantity=row["quantity"],
        price=row["unit_price"],
        category=row["category"],
        returned=row["returned"],
        held=row["held"],
        kind=LineKind(row["kind"]),
        paid=row["paid"],
        group=row["promotion"],
        barcodes=tuple(json.loads(row["barcodes"])),
        serials=tuple(json.loads(row["serials"])),
        returnable=bool(row["returnable"]),
        not_returnable_because=row["not_returnable_because"],
    )


class InTurn:
    """Rows of all sales in the order of their keys, given out sale by sale: of one statement."""

    def __init__(self, rows: Iterator[Row]) -> None:
        self._rows = rows
        self._next = next(rows, None)

    def of(self, sale_key: int) -> list[Row]:
        """To be asked with rising keys. Rows of a sale that is not there are passed over."""
        found: list[Row] = []
        while (row := self._next) is not None and row["sale_key"] <= sale_key:
            if row["sale_key"] == sale_key:
                found.append(row)
            self._next = next(self._rows, None)
        return found


def as_told(db: sqlite3.Connection, sale_id: str) -> Sale:
    """A known sale as its records told it."""
    return told(db, db.execute(BY_ID, (sale_id,)).fetchone())


def told(db: sqlite3.Connection, row: Row) -> Sale:
    """The sale of this row as it was told, without what its refunds say of its legs."""
    key = (row["sale_key"],)
    return told_by(
        row, db.execute(_TOLD_TENDERS, key).fetchall(), db.execute(LINES, key).fetchall()
    )


def told_by(row: Row, tenders: Sequence[Row], lines: Sequence[Row]) -> Sale:
    """The same of rows that are read already."""
    sale = sale_of(row, tenders, lines)
    amounts = [tender["told"] for tender in tenders]
    legs = zip(sale.tenders, amounts, strict=True)
    return replace(
        sale,
        state=SaleState(row["told_state"]),
        amount=sum(amounts),
        tenders=tuple(replace(leg, amount=told) for leg, told in legs),
    )


def stored(db: sqlite3.Connection, sale_key: int) -> Sale | None:
    """A sale as its records, or people, told it."""
    row = db.execute(BY_KEY, (sale_key,)).fetchone()
    return None if row is None else told(db, row)


def name_of(db: sqlite3.Connection, sale_key: int | None) -> str | None:
    """The till's name of this sale, for the log; None where it has none, or there is no sale."""
    row = db.execute("SELECT sale_id FROM sales WHERE sale_key = ?", (sale_key,)).fetchone()
    return None if row is None else row["sale_id"]


def sale_row(entry: SaleEntry, import_id: int | None, zone: tzinfo) -> dict[str, object]:
    sale = entry.sale
    return {
        "sale_key": sale.key,
        "sale_id": sale.sale_id or None,
        "origin": sale.origin.value,
        "merchant_id": sale.merchant_id,
        "terminal_id": sale.terminal_id,
        "batch": sale.batch,
        "trace": sale.trace,
        "rrn": sale.rrn,
        "auth_code": sale.auth_code,
        "sold_at": sale.sold_at.isoformat(),
        "sold_ts": int(sale.sold_at.timestamp()),
        "sold_on": day_of(sale.sold_at, zone),
        "currency": sale.currency,
        "amount": sale.amount,
        "receipt_no": sale.receipt_no,
        "state": sale.state.value,
        "told_state": sale.state.value,
        "gift_receipt_no": sale.gift_receipt_no,
        "invoice": None if sale.invoice is None else sale.invoice.value,
        "invoice_no": sale.invoice_no,
        "recovery_no": sale.recovery_no,
        "content": entry.content,
        "import_id": import_id,
    }


def tender_rows(sale: Sale, zone: tzinfo) -> Iterator[dict[str, object]]:
    for tender in sale.tenders:
        card = tender.card
        yield {
            "sale_key": sale.key,
            "leg": tender.leg,
            "kind": tender.kind.value,
            "amount": tender.amount,
            "told": tender.amount,
            "masked": card.masked if card else None,
            "token": card.token if card else None,
            "token_key_id": card.token_key_id if card else None,
            "par": card.par if card else None,
            "scheme": card.scheme if card else "",
            "funding": (card.funding if card else Funding.UNKNOWN).value,
            "sold_ts": int(sale.sold_at.timestamp()),
            **_payment_row(tender.payment, zone),
            "order_no": _list(tender.order_no),
            "voucher_no": tender.voucher_no,
            "exchange_no": tender.exchange_no,
            "typed": tender.typed,
            "as_told": None if tender.as_told is None else _numbers(tender.as_told),
        }


def _payment_row(payment: Payment | None, zone: tzinfo) -> dict[str, object]:
    """Every row of an import has the same columns."""
    if payment is None:
        numbers = dict.fromkeys(("terminal_id", "batch", "trace", "rrn", "auth_code"), "")
        return {**numbers, "paid_at": None, "paid_ts": None, "paid_on": None}
    return {
        "terminal_id": payment.terminal_id,
        "batch": payment.batch,
        "trace": payment.trace,
        "rrn": payment.rrn,
        "auth_code": payment.auth_code,
        "paid_at": payment.paid_at.isoformat(),
        "paid_ts": int(payment.paid_at.timestamp()),
        "paid_on": day_of(payment.paid_at, zone),
    }


def _numbers(told: Payment) -> str:
    """Of one without a reference."""
    return json.dumps([told.terminal_id, told.batch, told.trace, told.auth_code])


def _list(numbers: tuple[str, ...]) -> str:
    return json.dumps(numbers, ensure_ascii=False) if numbers else "[]"


def line_rows(sale: Sale) -> Iterator[dict[str, object]]:
    for line in sale.lines:
        yield {
            "sale_key": sale.key,
            "line": line.line,
            "sku": line.sku,
            "name": line.name,
            "quantity": line.quantity,
            "unit_price": line.price,
            "category": line.category,
            "kind": line.kind.value,
            "paid": line.paid,
            "promotion": line.group,
            "barcodes": _list(line.barcodes),
            "serials": _list(line.serials),
            "returnable": int(line.returnable),
            "not_returnable_because": line.not_returnable_because,
        }
