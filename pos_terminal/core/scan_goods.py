"""Goods that are scanned one after the other: which line each scan takes one more of (R72)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from enum import StrEnum

from msgspec import Struct, field

from pos_terminal.core.items import Quantities
from pos_terminal.core.quantity import SCALE
from pos_terminal.core.sale import SaleLine

Serials = Mapping[int, Sequence[str]]
"""Numbers of pieces by the number of their line."""


class Chosen(Struct, frozen=True):
    """Goods that are to come back."""

    quantities: Quantities = field(default_factory=dict)
    serials: Serials = field(default_factory=dict)
    defective: frozenset[int] = frozenset()
    """Lines that come back for that alone: the shop takes none of them otherwise (R14)."""
    sorts: Mapping[int, Sequence[tuple[str, str]]] = field(default_factory=dict)
    """What was scanned of lines of which some were exchanged (``core/sorts.py``)."""


class Missed(StrEnum):
    """Why a scan takes nothing."""

    NOT_OF_SALE = "not_of_sale"
    SHUT = "shut"
    """Such goods can't be chosen."""
    NONE_LEFT = "none_left"
    """They are all back, or held."""
    ALL_CHOSEN = "all_chosen"
    SERIAL_CHOSEN = "serial_chosen"
    """Of that piece, which is chosen already."""
    SERIAL_BACK = "serial_back"
    """Of that piece, which came back before."""


class Scan(Struct, frozen=True):
    """What came of one."""

    line: SaleLine | None = None
    """Which the code is of; None where the sale has no such goods."""
    quantity: int = 0
    """Thousandths of it that are chosen now, where nothing was ``missed``."""
    missed: Missed | None = None


def all_of_it(line: SaleLine) -> int:
    return line.remaining


def take_one(
    found: Sequence[SaleLine],
    chosen: Quantities,
    may: Callable[[SaleLine], bool],
    most: Callable[[SaleLine], int] = all_of_it,
) -> Scan:
    """One more of the first of these lines that has one left; of goods by weight all of it.

    ``found`` are the lines that the code is of, ``may`` says whether one can be chosen, ``most``
    how much of it can with this scan: where some were exchanged not all of it has this code.
    """
    if not found:
        return Scan(missed=Missed.NOT_OF_SALE)
    open_ones = [line for line in found if line.remaining and may(line)]
    for line in open_ones:
        already = chosen.get(line.line, 0)
        quantity = most(line) if is_weighed(line) else already + SCALE
        if already < quantity <= most(line):
            return Scan(line, quantity)
    if open_ones:
        if chosen.get(open_ones[-1].line, 0) < open_ones[-1].remaining:
            return Scan(missed=Missed.NOT_OF_SALE)
        return Scan(open_ones[-1], missed=Missed.ALL_CHOSEN)
    shut = next((line for line in found if not may(line)), None)
    if shut is not None:
        return Scan(shut, missed=Missed.SHUT)
    return Scan(found[0], missed=Missed.NONE_LEFT)


def take_piece(
    line: SaleLine,
    serial: str,
    chosen: Chosen,
    back: Collection[str],
    may: Callable[[SaleLine], bool],
) -> Scan:
    """The piece of this line that has this number; those that are ``back`` came before."""
    already = chosen.quantities.get(line.line, 0)
    unnamed = already // SCALE > len(chosen.serials.get(line.line, ()))
    quantity = already if unnamed else already + SCALE
    missed: Missed | None = None
    if not may(line):
        missed = Missed.SHUT
    elif serial in back:
        missed = Missed.SERIAL_BACK
    elif any(serial in each for each in chosen.serials.values()):
        missed = Missed.SERIAL_CHOSEN
    elif quantity > line.remaining:
        missed = Missed.ALL_CHOSEN if line.remaining else Missed.NONE_LEFT
    return Scan(line, 0 if missed else quantity, missed)


def is_weighed(line: SaleLine) -> bool:
    """Whether it has no whole pieces."""
    return bool(line.quantity % SCALE or line.remaining % SCALE)
