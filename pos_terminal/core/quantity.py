"""How much of a line was sold or goes back: an integer number of thousandths, never a float."""

from __future__ import annotations

import re
from typing import Final

SCALE: Final = 1000
"""Grams of a kilogram, millilitres of a litre: no till of a shop counts finer."""
DECIMALS: Final = 3
_NUMBER: Final = re.compile(r"([0-9]*)(?:\.([0-9]*))?", re.ASCII)


class TooFine(ValueError):
    """The number has more decimals than are counted."""


def parse_quantity(text: str) -> int:
    """``"0.75"`` as 750 thousandths. TooFine beyond thousandths, ValueError for no number."""
    match = _NUMBER.fullmatch(text)
    whole, part = (match[1], match[2] or "") if match is not None else ("", "")
    if not whole + part:
        raise ValueError("no quantity")
    part = part.rstrip("0")
    if len(part) > DECIMALS:
        raise TooFine("finer than thousandths")
    return int(whole or "0") * SCALE + int(part.ljust(DECIMALS, "0"))


def format_quantity(quantity: int) -> str:
    """Without needless zeros: ``"2"``, ``"0.75"``."""
    whole, part = divmod(quantity, SCALE)
    return f"{whole}.{part:0{DECIMALS}d}".rstrip("0") if part else str(whole)


def worth(quantity: int, unit_price: int) -> int:
    """Minor units, rounded half up, as tills do for what they weigh."""
    return (2 * quantity * unit_price + SCALE) // (2 * SCALE)
