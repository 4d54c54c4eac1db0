"""Which goods come back of a line of which some were exchanged: those sold, or what went out (R37).

By the number of a piece and by the code that was scanned; of the others what went out last and is
not back comes back first.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from typing import Final

from msgspec.structs import replace

from pos_terminal.core.looked import Sort
from pos_terminal.core.quantity import SCALE
from pos_terminal.core.sale import SaleLine, WentOut
from pos_terminal.core.scan_goods import is_weighed
from pos_terminal.core.serials import pieces

Key = tuple[str, str]
"""SKU and code of what went out."""
AS_SOLD: Final[Key] = ("", "")
Scanned = Mapping[int, Sequence[Key]]
"""What each scan was of, by the number of the line: a piece, or of goods by weight all of it."""


def left_of(line: SaleLine) -> dict[Key, int]:
    """How much of each the customer has, thousandths: of what went out last first, and at the end
    of those that were sold."""
    out = {one.sort: one.left for one in reversed(line.went_out)}
    return {**out, AS_SOLD: max(0, line.remaining - sum(out.values()))}


def scanned_as(
    line: SaleLine,
    is_code_of: Callable[[SaleLine], bool],
    before: Iterable[Key] = (),
    serials: Iterable[str] = (),
) -> Sequence[Key]:
    """What the code is of, of what the customer has of the line and was not scanned ``before``: a
    piece, or of goods by weight all of it. Nothing where no more of it is there."""
    left, weighed = left_of(line), is_weighed(line)
    for sort in (*before, *(_of_serial(line, serial) for serial in serials)):
        if sort is not None:
            left[sort] -= left[sort] if weighed else SCALE
    as_sold = is_code_of(replace(line, exchanged_for=()))
    fits = {AS_SOLD} if as_sold else set[Key]()
    for one in line.went_out:
        same = as_sold and one.sku == line.sku != ""
        other = replace(line, sku=one.sku, barcodes=(one.code,), exchanged_for=())
        fits |= {one.sort} if same or is_code_of(other) else set()
    there = [sort for sort in left if sort in fits and left[sort] > 0]
    return there if weighed else there[:1]


def most_scanned(line: SaleLine, already: int, before: Sequence[Key], now: Sequence[Key]) -> int:
    """How much of the line can be chosen, thousandths, where ``already`` is and the last scan was
    of what is ``now``, and those ``before`` of other goods of it."""
    if not line.went_out:
        return line.remaining
    if not now:
        return already
    left = left_of(line)
    scanned = sum(left[sort] for sort in {*before, *now}) if is_weighed(line) else already + SCALE
    return min(line.remaining, scanned)


def others_of(line: SaleLine) -> Sequence[WentOut]:
    """What the customer has in place of it that is other goods than those that were sold."""
    return [one for one in line.went_out if one.left and not _as_sold(line, one)]


def same_again(line: SaleLine) -> int:
    """How much went out for it that is the same goods, thousandths: one that was exchanged twice
    counts twice."""
    return sum(one.went for one in line.went_out if _as_sold(line, one))


def _as_sold(line: SaleLine, out: WentOut) -> bool:
    return out.sku == line.sku if out.sku else out.code in (line.sku, *line.barcodes)


def sorts_of(
    line: SaleLine, quantity: int, scanned: Sequence[Key] = (), serials: Iterable[str] = ()
) -> tuple[Sort, ...]:
    """What of so many thousandths is other goods than those sold."""
    if not line.went_out:
        return ()
    found: defaultdict[Key, int] = defaultdict(int)
    numbers: defaultdict[Key, list[str]] = defaultdict(list)
    left = left_of(line)
    unknown: list[str] = []
    rest = quantity

    def take(sort: Key, many: int) -> None:
        nonlocal rest
        many = min(many, rest, left[sort])
        found[sort] += many
        left[sort] -= many
        rest -= many

    for serial in serials:
        sort = _of_serial(line, serial)
        if sort is None:
            unknown.append(serial)
        else:
            numbers[sort].append(serial)
            take(sort, SCALE)
    for sort in scanned:
        take(sort, left[sort] if is_weighed(line) else SCALE)
    for sort, there in list(left.items()):
        many = min(rest, there)
        numbers[sort] += unknown[: many // SCALE]
        unknown = unknown[many // SCALE :]
        take(sort, many)
    return tuple(
        Sort(*one.sort, found[one.sort], tuple(numbers[one.sort]))
        for one in line.went_out
        if found[one.sort]
    )


def coming_back(line: SaleLine, quantity: int, sorts: Sequence[Sort]) -> Sequence[SaleLine]:
    """What so many thousandths are, each of the goods as a line of its own: those that were sold,
    and each of the ``sorts``."""
    names = {one.sort: one.name for one in line.went_out}
    sold = replace(line, exchanged_for=(), went_out=())
    found = [replace(sold, quantity=quantity - sum(one.quantity for one in sorts))]
    for one in sorts:
        more = line.barcodes if one.sku == line.sku != "" else ()
        found.append(
            replace(
                sold,
                sku=one.sku,
                name=names.get((one.sku, one.code), "") or one.code,
                barcodes=(one.code, *more),
                quantity=one.quantity,
            )
        )
    return [one for one in found if one.quantity]


def name_back(line: SaleLine, quantity: int, sorts: Sequence[Sort]) -> str:
    """As the till called what comes back, each of the goods once."""
    return " / ".join(dict.fromkeys(one.name for one in coming_back(line, quantity, sorts)))


def has_unread(line: SaleLine, settled: Set[str]) -> bool:
    """Whether the customer has a piece of it whose number nobody read when it went out; the
    numbers of those that are ``settled`` are none of theirs."""
    numbers = Counter(_of_serial(line, one) for one in {*line.known_serials} - settled)
    return any(pieces(left) > numbers[sort] for sort, left in left_of(line).items())


def _of_serial(line: SaleLine, serial: str) -> Key | None:
    for one in reversed(line.went_out):
        if serial in one.serials:
            return one.sort
    return AS_SOLD if serial in line.serials else None
