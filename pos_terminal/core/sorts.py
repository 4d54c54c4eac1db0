"""Which goods come back of a line of which some were exchanged: those sold, or what went out (R37).

By the number of a piece and by the code that was scanned; of the others what went out last and is
not back comes back first.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final

from msgspec.structs import replace

from pos_terminal.core.looked import Sort
from pos_terminal.core.quantity import SCALE
from pos_terminal.core.sale import SaleLine
from pos_terminal.core.scan_goods import is_weighed

Key = tuple[str, str]
"""SKU and code of what went out."""
AS_SOLD: Final[Key] = ("", "")
Scanned = Mapping[int, Sequence[Key]]
"""What each scan was of, by the number of the line: a piece, or of goods by weight all of it."""


def scanned_as(line: SaleLine, is_code_of: Callable[[SaleLine], bool]) -> Key:
    """What the code is of: of what went out last and is not back, of what was sold, or of what
    went out and is back already."""
    fits = [
        one
        for one in reversed(line.went_out)
        if is_code_of(replace(line, sku=one.sku, barcodes=(one.code,), exchanged_for=()))
    ]
    there = next((one.sort for one in fits if one.left), None)
    if there is not None:
        return there
    as_sold = is_code_of(replace(line, exchanged_for=()))
    return AS_SOLD if as_sold or not fits else fits[0].sort


def sorts_of(
    line: SaleLine, quantity: int, scanned: Sequence[Key] = (), serials: Iterable[str] = ()
) -> tuple[Sort, ...]:
    """What of so many thousandths is other goods than those sold."""
    if not line.went_out:
        return ()
    found: defaultdict[Key, int] = defaultdict(int)
    numbers: defaultdict[Key, list[str]] = defaultdict(list)
    left = {one.sort: one.left for one in line.went_out}
    unknown: list[str] = []
    rest = quantity

    def take(sort: Key, many: int) -> None:
        nonlocal rest
        many = min(many, rest)
        found[sort] += many
        left[sort] = max(0, left.get(sort, 0) - many)
        rest -= many

    for serial in serials:
        sort = _of_serial(line, serial)
        if sort is None:
            unknown.append(serial)
        else:
            numbers[sort].append(serial)
            take(sort, SCALE)
    for sort in scanned:
        take(sort, quantity if is_weighed(line) else SCALE)
    for sort in [one.sort for one in reversed(line.went_out)]:
        many = min(rest, left[sort])
        numbers[sort] += unknown[: many // SCALE]
        unknown = unknown[many // SCALE :]
        take(sort, many)
    return tuple(
        Sort(*one.sort, found[one.sort], tuple(numbers[one.sort]))
        for one in line.went_out
        if found[one.sort]
    )


def _of_serial(line: SaleLine, serial: str) -> Key | None:
    for one in reversed(line.went_out):
        if serial in one.serials:
            return one.sort
    return AS_SOLD if serial in line.serials else None
