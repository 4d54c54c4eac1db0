"""Amounts and quantities as they are typed: in the smallest unit, or with a decimal point."""

from __future__ import annotations

from typing import Final

POINT: Final = "."


def units(typed: str, decimals: int) -> str:
    """Digits of the smallest unit: ``1250`` is itself, ``12.5`` is 1250 at two decimals."""
    whole, point, part = typed.partition(POINT)
    return str(int(whole + part.ljust(decimals, "0"))) if point else typed


def fits(typed: str, most: int, decimals: int) -> bool:
    """Whether so much can be typed: ``most`` digits of the smallest unit, one point where there
    are decimals, and no digit beyond them."""
    whole, point, part = typed.partition(POINT)
    if not point:
        return len(whole) <= most
    if not decimals or POINT in part:
        return False
    return len(part) <= decimals and len(whole) + decimals <= most
