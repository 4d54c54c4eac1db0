"""Goods that came back: what refunds and people say, what moved, and what the stock system has
(R48)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import Any, Final, NamedTuple

from hw_sim.proofs.simulation.invariants.balances import named
from hw_sim.proofs.simulation.site import Site
from hw_sim.proofs.simulation.stock_book import CONDITIONS, NEVER_CAME, Corrected
from pos_terminal.core.refund import AS_CREDIT, Refund, State
from pos_terminal.core.sale import LineKind
from pos_terminal.core.sorts import name_back
from pos_terminal.core.stock import Moved
from pos_terminal.ports.stock_page import as_told

_MOST: Final = 10_000


class Shelf(NamedTuple):
    """Where goods of a line are, and why."""

    sale_id: str
    line: int
    disposition: str
    condition: str
    reason: str


class Came(NamedTuple):
    """Goods of a line that came with one refund."""

    refund: int
    name: str
    """As the till called them; of those that had gone out in an exchange theirs."""
    quantity: int
    """Thousandths."""
    shelf: Shelf
    there: bool = True
    """Nobody said that it never came, neither at the refund nor since, or somebody booked it in
    after all."""

    def as_found(self, condition: str) -> Came:
        right = self.shelf._replace(condition=condition, disposition=CONDITIONS[condition][0])
        return self._replace(shelf=right, there=True)


def stock(site: Site, refunds: Sequence[Refund]) -> Iterator[str]:
    """By line, condition and disposition; and each movement as it was told once."""
    moved = list(site.ledger.stock.after(0, _MOST))
    if [one.n for one in moved] != list(range(1, len(moved) + 1)):
        yield f"movements have gaps: {[one.n for one in moved]}"
    told = [as_told(one) for one in moved]
    yield from _countered(told)
    came = list(_came(site, refunds))
    allowed = [came]
    for correction in site.corrected:
        allowed = [after for before in allowed for after in _corrected(before, correction)]
        if not allowed:
            yield f"{correction}, and no refund says that such goods came"
            allowed = [came]
    right = [_sums((one.shelf, one.quantity) for one in state if one.there) for state in allowed]
    if (shelves := _shelves(told)) not in right:
        yield f"goods moved {shelves}, and refunds say {right[0]}"
    yield from _exchanges(site, refunds)
    yield from _sorts(site, told)
    yield from _as_they_came(site, refunds)
    if site.stock is None:
        return
    theirs = site.stock.movements
    if theirs != (ours := {one["n"]: one for one in told if one["n"] <= site.stock.next}):
        yield f"the stock system has {theirs}, and the ledger {ours}"
    if site.stock.next == len(moved) and _shelves(theirs.values()) not in right:
        yield f"the stock system has goods {_shelves(theirs.values())}, and refunds say {right[0]}"


def _corrected(before: list[Came], said: Corrected) -> Iterator[list[Came]]:
    """Whichever of the goods that were called so on the screen."""
    for at, one in enumerate(before):
        was = one.refund, one.name, f"{Decimal(one.quantity) / 1_000:f}"
        if was == (said.refund, said.name, said.quantity):
            never = said.condition == NEVER_CAME
            now = one._replace(there=False) if never else one.as_found(said.condition)
            yield [*before[:at], now, *before[at + 1 :]]


def _shelves(told: Iterable[dict[str, Any]]) -> dict[Shelf, int]:
    """What is there, less what was taken back; what goes out in an exchange lay on none."""
    return _sums(
        (Shelf(*(one[name] for name in Shelf._fields)), int(Decimal(one["quantity"]) * 1_000))
        for one in told
        if one["what"] == "goods" and one["disposition"] is not None
    )


def _sums(goods: Iterable[tuple[Shelf, int]]) -> dict[Shelf, int]:
    found: Counter[Shelf] = Counter()
    for shelf, quantity in goods:
        found[shelf] += quantity
    return {shelf: quantity for shelf, quantity in found.items() if quantity}


def _countered(told: Sequence[dict[str, Any]]) -> Iterator[str]:
    """Each at most once, by one that is as it was, but less."""
    by_number = {one["n"]: one for one in told}
    seen: set[int] = set()
    for one in told:
        if (number := one["counters"]) is None:
            continue
        was = by_number.get(number)
        even = was is not None and Decimal(was["quantity"]) == -Decimal(one["quantity"]) > 0
        if was is None or number in seen or not even or _goods(was) != _goods(one):
            yield f"movement {one} takes back {was}"
        seen.add(number)


def _goods(told: dict[str, Any]) -> dict[str, Any]:
    """What a movement is of."""
    own = ("n", "at", "counters", "quantity")
    return {name: value for name, value in told.items() if name not in own}


def _exchanges(site: Site, refunds: Sequence[Refund]) -> Iterator[str]:
    """Of each as much went out as came back, or never came, line by line, and no money; of nothing
    else any."""
    for refund in refunds:
        even: Counter[int | None] = Counter()
        moved = site.ledger.stock.of_refund(refund.refund_id)
        out = [one for one in moved if one.what is Moved.GOODS and one.disposition is None]
        if refund.state is not State.EXCHANGED:
            if out:
                yield f"goods went out with refund {refund.refund_id}"
            continue
        for item in named(site, refund):
            lacks = item.looked is not None and item.looked.disposition is None
            even[item.line] += item.quantity if lacks else 0
        for one in moved:
            even[one.line] += one.quantity if one.operator == "" else 0
        if not out or any(even.values()) or refund.done:
            yield f"exchange {refund.refund_id} is not even: {even}, {refund.done} given back"


def _sorts(site: Site, told: Sequence[dict[str, Any]]) -> Iterator[str]:
    """What comes back is what was sold, or went out for it before."""
    out: set[tuple[str, int, str, str]] = set()
    for one in told:
        if one["what"] != "goods" or (sale := site.ledger.sales.by_id(one["sale_id"])) is None:
            continue
        sort = one["sale_id"], one["line"], one["sku"], one["barcode"]
        line = sale.line(one["line"])
        if one["disposition"] is None:
            out.add(sort)
        elif sort[2:] != (line.sku, next(iter(line.barcodes), "")) and sort not in out:
            yield f"movement {one} is of goods that nobody had"


def _as_they_came(site: Site, refunds: Sequence[Refund]) -> Iterator[str]:
    """Goods that had gone out in an exchange are booked in as those, also where they come after
    all; what stands of a line is nothing, or all of them."""
    for refund in refunds:
        moved = site.ledger.stock.of_refund(refund.refund_id)
        countered = {one.counters for one in moved}
        stands = [one for one in moved if one.quantity > 0 and one.n not in countered]
        for item in named(site, refund):
            of_line = [one for one in stands if one.line == item.line]
            for sort in item.sorts if of_line else ():
                there = [one.quantity for one in of_line if one.barcode == sort.code]
                if sum(there) != sort.quantity:
                    yield f"refund {refund.refund_id}: {sort} came, and stock has {there} of it"


def _came(site: Site, refunds: Sequence[Refund]) -> Iterator[Came]:
    """What the applications named of which something went back, fees apart."""
    for refund in refunds:
        came_back = refund.done or refund.state in AS_CREDIT | {State.EXCHANGED}
        if not came_back or refund.state is State.OVERPAID:
            continue
        sale = site.ledger.sales.by_key(refund.sale_key)
        assert sale is not None  # its refund has its key
        goods = {line.line for line in sale.lines if line.kind is LineKind.GOODS}
        for item in named(site, refund):
            looked = item.looked
            if item.line in goods and looked is not None:
                there = looked.disposition is not None
                where = looked.disposition or "", looked.condition, looked.reason
                shelf = Shelf(sale.sale_id, item.line, *where)
                name = name_back(sale.line(item.line), item.quantity, item.sorts)
                yield Came(refund.refund_id, name, item.quantity, shelf, there)
