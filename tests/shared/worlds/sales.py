"""Sales as a test needs them: it names what matters to it, and no more."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from msgspec.structs import replace

from pos_terminal.core.pan import Pan
from pos_terminal.core.sale import Payment, Sale, SaleState, Tender, TenderKind
from pos_terminal.wire.iso8583.requests import EntryMode, RefundRequest

MERCHANT, TERMINAL = "898310012340001", "10000001"
AT = datetime.fromisoformat("2026-11-20T10:00:00+08:00")
"""A Friday, in the shop's zone."""


def a_sale(*tenders: Tender, **changes: Any) -> Sale:
    """Approved at ``AT``, of as much as its legs are together. As in the feed's short form, the
    numbers of the sale are those of each leg by card that has none of its own."""
    numbers = {"batch": "000001", "trace": "000017", "rrn": "632400000017", "auth_code": "A1B2C3"}
    numbers = {name: changes.pop(name, number) for name, number in numbers.items()}
    closed = changes.pop("batch_closed", False)
    facts: dict[str, Any] = {
        "key": 1,
        "sale_id": "S-1",
        "merchant_id": MERCHANT,
        "terminal_id": TERMINAL,
        "sold_at": AT,
        "currency": "156",
        "amount": sum(tender.amount for tender in tenders),
        "receipt_no": "R-1",
        "state": SaleState.APPROVED,
        "tenders": tenders,
        "lines": (),
    }
    sale = Sale(**(facts | changes))
    legs = [_with_payment(sale, leg, numbers, closed=closed) for leg in sale.tenders]
    own = {} if any(leg.payment for leg in legs) else numbers
    return replace(sale, tenders=tuple(legs), **own)


def _with_payment(sale: Sale, leg: Tender, numbers: dict[str, str], *, closed: bool) -> Tender:
    if leg.kind is not TenderKind.CARD:
        return leg
    payment = Payment(terminal_id=sale.terminal_id, paid_at=sale.sold_at, **numbers)
    return replace(leg, payment=leg.payment or payment, batch_closed=closed)


def a_request(pan: str, entry: EntryMode = EntryMode.TAP, **changes: Any) -> RefundRequest:
    """A refund of 50.00 as it goes to the acquirer."""
    facts: dict[str, Any] = {
        "terminal_id": "12345678",
        "merchant_id": "898310000000001",
        "batch": "000007",
        "amount": 5000,
        "currency": "156",
        "stan": "000009",
        "original_rrn": "000000123456",
        "original_batch": "000005",
        "original_trace": "000017",
        "original_mmdd": "1120",
    }
    return RefundRequest(pan=Pan(pan), entry=entry, **(facts | changes))


def a_foreign_record(pan: str, **changes: Any) -> dict[str, Any]:
    """A further sale for the bench, as ``up --sales`` reads it: of a card not in its catalogue."""
    facts: dict[str, Any] = {
        "sale_id": "F-1",
        "batch": "000040",
        "trace": "000777",
        "rrn": "632612000777",
        "auth_code": "123456",
        "sold_at": "2026-11-20T10:00:00+08:00",
        "amount": 1500,
        "receipt_no": "FOREIGN1",
        "tenders": [{"kind": "card", "amount": 1500, "pan": pan}],
        "lines": [],
    }
    return facts | changes
