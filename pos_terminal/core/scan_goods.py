"""Goods that are scanned one after the other: which line each scan takes one more of (R72)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import StrEnum

from msgspec import Struct

from pos_terminal.core.items import Quantities
from pos_terminal.core.quantity import SCALE
from pos_terminal.core.sale import SaleLine


class Missed(StrEnum):
    """Why a scan takes nothing."""

    NOT_OF_SALE = "not_of_sale"
    SHUT = "shut"
    """Such goods can't be chosen."""
    NONE_LEFT = "none_left"
    """They are all back, or held."""
    ALL_CHOSEN = "all_chosen"


class Scan(Struct, frozen=True):
    """What came of one."""

    line: SaleLine | None = None
    """Which the code is of; None where the sale has no such goods."""
    quantity: int = 0
    """Thousandths of it that are chosen now, where nothing was ``missed``."""
    missed: Missed | None = None


def take_one(
    found: Sequence[SaleLine], chosen: Quantities, may: Callable[[SaleLine], bool]
) -> Scan:
    """One more of the first of these lines that has one left; of goods by weight all of it.

    ``found`` are the lines that the code is of, ``may`` says whether one can be chosen.
    """
    if not found:
        return Scan(missed=Missed.NOT_OF_SALE)
    open_ones = [line for line in found if line.remaining and may(line)]
    for line in open_ones:
        already = chosen.get(line.line, 0)
        quantity = line.remaining if is_weighed(line) else already + SCALE
        if already < quantity <= line.remaining:
            return Scan(line, quantity)
    if open_ones:
        return Scan(open_ones[-1], missed=Missed.ALL_CHOSEN)
    shut = next((line for line in found if not may(line)), None)
    if shut is not None:
        return Scan(shut, missed=Missed.SHUT)
    return Scan(found[0], missed=Missed.NONE_LEFT)


def is_weighed(line: SaleLine) -> bool:
    """Whether it has no whole pieces."""
    return bool(line.quantity % SCALE or line.remaining % SCALE)
