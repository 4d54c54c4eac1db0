"""Goods that come back without a receipt, and the sale that stands for them (R17).

Nobody knows which sale it was: what is given is what the clerk typed, never more than the lowest
price at which the ledger sold the same goods within the window.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from msgspec import Struct

from pos_terminal.core import price, quantity
from pos_terminal.core.normal import normal
from pos_terminal.core.pan import in_plain_signs
from pos_terminal.core.quantity import SCALE
from pos_terminal.core.sale import (
    Sale,
    SaleLine,
    SaleOrigin,
    SaleState,
    Tender,
    TenderKind,
)

COUNTED: Final = timedelta(days=30)
"""So long a refund counts for its customer and for the card."""
APPROVALS: Final = 2
"""Supervisors, always."""
_APART: Final = str.maketrans("", "", " -().+/")
LEAST: Final = 6
"""Characters of a customer's number; shorter ones are nobody's."""
_WITH_COUNTRY: Final = 13


class SoldBefore(Struct, frozen=True):
    """What the ledger knows of goods by their code."""

    line: SaleLine
    """As they were sold last."""
    lowest: int | None
    """Of one piece, minor units: the least that was paid for it within the window; None: it was not
    sold within it."""
    highest: int | None = None
    """Likewise the most."""
    newest: int | None = None
    """Likewise what was paid when they were sold last; None where not for each piece as much."""
    as_listed: bool = False
    """That sale stands, nothing of it went back, and nothing was taken off."""

    def cost_last(self, quantity: int) -> int | None:
        """What so much of it was sold for then, minor units; None: not known for each piece."""
        return None if self.newest is None else self.newest * quantity // SCALE

    def sold_for(self, worth: int, quantity: int) -> bool:
        """Whether that is surely what so much of it costs: each time, and by the list. A promotion
        is no price, nor what a till voided, and what was given away is not for sale."""
        return (worth > 0 and self.as_listed) and all(
            price is not None and price * quantity == worth * SCALE
            for price in (self.lowest, self.highest, self.newest)
        )


class BroughtBack(Struct, frozen=True):
    """Pieces of one kind of goods, at one price."""

    code: str
    """As it was scanned or typed."""
    pieces: int
    price: int
    """Of one, minor units, as the clerk typed it."""
    known: SoldBefore | None = None
    """None: the ledger never sold such goods."""

    @property
    def lowest(self) -> int | None:
        return None if self.known is None else self.known.lowest

    @property
    def name(self) -> str:
        return self.code if self.known is None else self.known.line.name

    @property
    def worth(self) -> int:
        return self.pieces * self.price


class NoReceipt(Struct, frozen=True):
    """What is known of a refund without a receipt, beside its goods."""

    customer: Sequence[str]
    """Tokens of the customer's number: under the present key, then under those it replaced."""
    card: Sequence[str]
    """Those of the card that was shown first; none where the customer showed none."""
    lowest: Mapping[int, int]
    """By the number of the line, of goods that were sold within the window."""


def customer_number(text: str) -> str | None:
    """A telephone's or member's number as it is compared, however it was written; None for what is
    none: too short, or one character again and again."""
    number = in_plain_signs(normal(text)).translate(_APART).upper()
    if number.isdigit():
        number = number.lstrip("0")
        if len(number) == _WITH_COUNTRY and number.startswith("861"):
            number = number[2:]  # a mobile telephone's, as others dial it
    if len(number) < LEAST or len(set(number)) == 1 or not number.isalnum():
        return None
    return number


def sale_of(
    goods: Sequence[BroughtBack],
    *,
    merchant_id: str,
    terminal_id: str,
    currency: str,
    at: datetime,
) -> Sale:
    """The sale that stands for them, with one leg that only ever goes back as store credit."""
    amount = sum(one.worth for one in goods)
    return Sale(
        key=0,
        sale_id="",
        origin=SaleOrigin.BLIND,
        merchant_id=merchant_id,
        terminal_id=terminal_id,
        sold_at=at,
        currency=currency,
        amount=amount,
        receipt_no="",
        state=SaleState.APPROVED,
        tenders=(Tender(1, TenderKind.VOUCHER, amount),),
        lines=tuple(_line(number, one) for number, one in enumerate(goods, 1)),
    )


def _line(number: int, one: BroughtBack) -> SaleLine:
    return SaleLine(
        line=number,
        sku=one.code if one.known is None else one.known.line.sku,
        name=one.name,
        quantity=one.pieces * quantity.SCALE,
        price=one.price * price.SCALE,
        category="" if one.known is None else one.known.line.category,
        paid=one.worth,
        barcodes=() if one.known is None else (one.code,),
    )


def lowest_of(goods: Sequence[BroughtBack]) -> dict[int, int]:
    """By the number of the line of ``sale_of``."""
    return {number: one.lowest for number, one in enumerate(goods, 1) if one.lowest is not None}
