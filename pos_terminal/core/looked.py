"""Goods that come back were looked at (验收, R16): in which condition, and where they go.

What they bring less than they are worth stands here, too (R74): used, a part missing.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from msgspec import Struct


class Disposition(StrEnum):
    """What becomes of them."""

    RESTOCK = "restock"
    QUARANTINE = "quarantine"
    """Set aside until somebody decides."""
    DAMAGED = "damaged"
    VENDOR = "vendor"
    """Returned to who supplied them."""


class Inspection(StrEnum):
    """Whether whoever takes goods back is asked how they are."""

    OFF = "off"
    """What the reason proposes stands until somebody changes it."""
    ONCE = "once"
    """For all of them together."""
    EACH = "each"
    """For the goods of each line."""


class Deducted(StrEnum):
    """Why goods bring less than was paid for them."""

    USED = "used"
    PART_MISSING = "part_missing"
    RESTOCKING_FEE = "restocking_fee"
    AGREED = "agreed"


class Sort(Struct, frozen=True, array_like=True):
    """Goods that came back of a line and are not those that were sold: they went out for some of
    these in an exchange (R37)."""

    sku: str
    code: str
    """As it was scanned when they went out."""
    quantity: int
    """Thousandths."""
    serials: tuple[str, ...] = ()
    """Of their pieces, where they were read."""


class Looked(Struct, frozen=True):
    """What is known of the goods of one line that come back."""

    reason: str = ""
    """The code of theirs."""
    condition: str = ""
    """The code of the shop's condition; empty where nobody looked at them."""
    disposition: Disposition | None = Disposition.QUARANTINE
    """None: they did not come back, and only their money is settled."""
    deduction: int = 0
    """What they bring less than they are worth, minor units."""
    deducted_for: Deducted | None = None
    serials: tuple[str, ...] = ()
    """Of the pieces, where the till told serial numbers and one was scanned; also of what did not
    come back, then as somebody said them."""
    sorts: tuple[Sort, ...] = ()
    """What of them is other goods than those sold; the rest is as sold."""


NOBODY_LOOKED: Final = Looked()
"""They are set aside until somebody does."""
