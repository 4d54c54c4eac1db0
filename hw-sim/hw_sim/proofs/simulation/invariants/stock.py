"""Goods that came back: what refunds say, what moved, and what the stock system has (R48)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from decimal import Decimal

from hw_sim.proofs.simulation.site import Site
from pos_terminal.core.quantity import SCALE
from pos_terminal.core.refund import Refund, State
from pos_terminal.core.sale import LineKind
from pos_terminal.core.stock import Moved
from pos_terminal.ports.stock_page import as_told

Shelf = tuple[str, int, str]
"""A sale, the number of its line, and where its goods are."""
_MOST = 10_000


def stock(site: Site, refunds: Sequence[Refund]) -> Iterator[str]:
    """By line and disposition; and each movement as it was told once."""
    moved = list(site.ledger.stock.after(0, _MOST))
    if [one.n for one in moved] != list(range(1, len(moved) + 1)):
        yield f"movements have gaps: {[one.n for one in moved]}"
    shelves: Counter[Shelf] = Counter()
    for one in moved:
        if one.line is not None and one.disposition is not None:
            shelves[one.sale_id, one.line, one.disposition.value] += one.quantity
    if (said := _said(site, refunds)) != +shelves:
        yield f"goods moved {+shelves}, and refunds say {said}"
    yield from _exchanges(site, refunds)
    if site.stock is None:
        return
    ledgers = {one.n: as_told(one) for one in moved if one.n <= site.stock.next}
    if site.stock.movements != ledgers:
        yield f"the stock system has {site.stock.movements}, and the ledger {ledgers}"
    theirs: Counter[Shelf] = Counter()
    for told in site.stock.movements.values():
        if told["what"] == "goods" and told["disposition"] is not None:
            shelf = told["sale_id"], told["line"], told["disposition"]
            theirs[shelf] += int(Decimal(told["quantity"]) * SCALE)
    if site.stock.next == len(moved) and theirs != said:
        yield f"the stock system has goods {theirs}, and refunds say {said}"


def _exchanges(site: Site, refunds: Sequence[Refund]) -> Iterator[str]:
    """Of each as much went out as came back, line by line, and no money; of nothing else any."""
    for refund in refunds:
        even: Counter[int | None] = Counter()
        moved = site.ledger.stock.of_refund(refund.refund_id)
        out = [one for one in moved if one.what is Moved.GOODS and one.disposition is None]
        if refund.state is not State.EXCHANGED:
            if out:
                yield f"goods went out with refund {refund.refund_id}"
            continue
        for one in moved:
            even[one.line] += one.quantity
        if not out or any(even.values()) or refund.done:
            yield f"exchange {refund.refund_id} is not even: {even}, {refund.done} given back"


def _said(site: Site, refunds: Sequence[Refund]) -> Counter[Shelf]:
    """What the applications named of which something went back, fees apart."""
    found: Counter[Shelf] = Counter()
    for refund in refunds:
        came_back = refund.done or refund.state is State.EXCHANGED
        if not came_back or refund.state is State.OVERPAID:
            continue
        sale = site.ledger.sales.by_key(refund.sale_key)
        application = site.ledger.applications.by_number(refund.application)
        assert sale is not None
        assert application is not None
        goods = {line.line for line in sale.lines if line.kind is LineKind.GOODS}
        for item in application.items:
            if item.line in goods and item.looked is not None:
                found[sale.sale_id, item.line, item.looked.disposition.value] += item.quantity
    return found
