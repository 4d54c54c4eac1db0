"""How much of a line was sold or goes back: an integer number of thousandths, never a float."""

from __future__ import annotations

import re
from typing import Final

SCALE: Final = 1000
"""Grams of a kilogram, millilitres of a litre: no till of a shop counts finer."""
DECIMALS: Final = 3
_NUMBER: Final = r"([0-9]*)(?:\.([0-9]*))?"


class TooFine(ValueError):
    """The number has more decimals than are counted."""


def parse_quantity(text: str) -> int:
    """``"0.75"`` as 750 thousandths. TooFine beyond thousandths, ValueError for no number."""
    try:
        return parse_decimal(text, DECIMALS)
    except TooFine:
        raise TooFine("finer than thousandths") from None
    except ValueError:
        raise ValueError("no quantity") from None


def format_quantity(quantity: int) -> str:
    """Without needless zeros: ``"2"``, ``"0.75"``."""
    return format_decimal(quantity, DECIMALS)


def parse_decimal(text: str, decimals: int) -> int:
    """A number that is not below zero, in units of its last decimal. TooFine, ValueError."""
    if text.isascii() and text.isdigit():
        return int(text + "0" * decimals)
    match = re.fullmatch(_NUMBER, text)
    whole, part = (match[1], match[2] or "") if match is not None else ("", "")
    if not whole + part:
        raise ValueError("no number")
    part = part.rstrip("0")
    if len(part) > decimals:
        raise TooFine(f"more than {decimals} decimals")
    return int((whole or "0") + part.ljust(decimals, "0"))


def format_decimal(units: int, decimals: int) -> str:
    """The reverse of ``parse_decimal``, without needless zeros; below zero for what is taken
    back."""
    whole, part = divmod(abs(units), 10**decimals)
    sign = "-" if units < 0 else ""
    return sign + (f"{whole}.{part:0{decimals}d}".rstrip("0") if part else str(whole))
