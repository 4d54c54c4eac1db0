"""Exchange (换货, R37): goods come back, and others of the same worth go out.

The balance of the sale does not move. Its line stands for what the customer has now: that can come
back later, by the code and number that went out, too, and is worth what was paid for the line.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from msgspec import Struct

from pos_terminal.core.items import Item, Quantities, brings, worths_of
from pos_terminal.core.quantity import SCALE
from pos_terminal.core.sale import Sale
from pos_terminal.core.share import share

PRICE_TYPED: Final = "price_typed"
"""What the slip names in place of a rule, where none asks but the price was typed."""


class GivenOut(Struct, frozen=True):
    """What goes out in place of the goods of one line."""

    line: int
    """Of those that come back."""
    quantity: int
    """Thousandths, as many as come back."""
    code: str
    """As it was scanned or typed."""
    sku: str = ""
    """The till's number of the goods; empty where the ledger never sold such."""
    name: str = ""
    """As the till called them when they were sold last; empty likewise."""
    serials: tuple[str, ...] = ()
    """Of the pieces, where the goods of the line have numbers and one was read."""
    price: int | None = None
    """Of all of them, minor units, as the clerk typed it; None: they are the same goods, or were
    sold at this price since."""
    last_sold_for: int | None = None
    """Where that was typed: what as many were sold for the last time; None: nobody knows."""


def worths_to_match(sale: Sale, back: Quantities) -> dict[int, int]:
    """What other goods must be worth for those of each line, minor units: what was paid for these,
    and in all no more than they would bring in money. A till that has given some of it back, or
    lowered a payment, has made them worth less."""
    worth = worths_of(sale, back)
    most = min(sum(worth.values()), brings(sale, back))
    return dict(zip(worth, share(most, list(worth.values())), strict=True))


def is_even(items: Collection[Item], out: Collection[GivenOut]) -> bool:
    """Whether for each line as much goes out as comes back, worth what that would bring."""
    back = {item.line: item for item in items}
    return (
        len(out) == len(back)
        and {one.line for one in out} == back.keys()
        and all(
            one.quantity == back[one.line].quantity
            and one.price in (None, back[one.line].amount)
            and len(one.serials) * SCALE <= one.quantity
            and (looked := back[one.line].looked) is not None
            and not looked.deduction
            for one in out
        )
    )
