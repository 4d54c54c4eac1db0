"""Exchange (换货, R37): goods come back, and others of the same worth go out.

The balance of the sale does not move. Its line stands for what the customer has now: that can come
back later, by the code that went out, too, and is worth what was paid for the line.
"""

from __future__ import annotations

from collections.abc import Collection

from msgspec import Struct

from pos_terminal.core.items import Item


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
    price: int | None = None
    """Of all of them, minor units, as the clerk typed it; None: they are the same goods, or were
    sold at this price since."""


def is_even(items: Collection[Item], out: Collection[GivenOut]) -> bool:
    """Whether for each line as much goes out as comes back, of the same worth."""
    back = {item.line: item for item in items}
    return (
        len(out) == len(back)
        and {one.line for one in out} == back.keys()
        and all(
            one.quantity == back[one.line].quantity
            and one.price in (None, back[one.line].worth)
            and (looked := back[one.line].looked) is not None
            and not looked.deduction
            for one in out
        )
    )
