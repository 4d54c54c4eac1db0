"""Goods that came back without a receipt: what the shop's rules say, counted from what it sold."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Final

from hw_sim.proofs.simulation.invariants.worth import exact_worths
from hw_sim.proofs.simulation.site import Site
from pos_terminal.core.refund import Kind, Refund
from pos_terminal.core.sale import Sale, SaleOrigin

_ROUNDED: Final = 1
"""Minor units: a line's share of its sale."""
_WINDOW: Final = {"supervisor_days": 180}
_WHOSE: Final = "SELECT customer, card FROM blind_sales WHERE sale_key = ?"


def no_receipt(site: Site, refunds: Sequence[Refund]) -> Iterator[str]:
    """R17: as store credit alone, once, by two others, at no more than the least that was paid for
    such goods, and not oftener than the shop says."""
    rules = site.setting.rules.get("no_receipt", {})
    often = {name: Counter[str]() for name in ("customer", "card")}
    given: Counter[int] = Counter()
    for refund in refunds:
        sale = site.ledger.sales.by_key(refund.sale_key)
        if sale is None or sale.origin is not SaleOrigin.BLIND:
            continue
        about = f"refund {refund.refund_id} without a receipt"
        given[sale.key] += 1
        if not rules.get("enabled"):
            yield f"{about}: the shop gives nothing without one"
        if refund.kind is not Kind.CREDIT:
            yield f"{about} went back as {refund.kind}"
        if refund.amount > rules.get("ceiling", 0):
            yield f"{about}: {refund.amount} is above the ceiling"
        approvals = site.ledger.applications.approvals(refund.application)
        people = {one.supervisor for one in approvals} - {refund.operator}
        if len(people) < 2:
            yield f"{about} was approved by {len(people)}"
        yield from (f"{about}: {text}" for text in _prices(site, sale, refund.sealed_at))
        (row,) = site.ledger.db.execute(_WHOSE, (sale.key,))
        for name, counts in often.items():
            if row[name] is not None:
                counts[row[name]] += 1
    yield from (f"sale {key} was given back {n} times" for key, n in given.items() if n > 1)
    for name, counts in often.items():
        most = rules.get(f"{name}_count", 3)
        yield from (f"one {name} had {n} without a receipt" for n in counts.values() if n > most)


def _prices(site: Site, sale: Sale, at: datetime) -> Iterator[str]:
    """By what the till said of every sale within the window, in exact fractions."""
    days = site.setting.rules.get("window", _WINDOW)["supervisor_days"]
    lowest: dict[str, Fraction] = {}
    for sample in site.shop.sales:
        if sample.sold_at < at - timedelta(days=days):
            continue
        worth = exact_worths(sample, sample.amount)
        for number, line in enumerate(sample.lines, 1):
            if line.kind == "goods":
                price = worth[number] / line.quantity
                for code in (line.sku, *line.told.get("barcodes", ())):
                    lowest[code] = min(price, lowest.get(code, price))
    for one in sale.lines:
        pieces = Fraction(one.quantity, 1_000)
        for code in {one.sku, *one.barcodes} & lowest.keys():
            if (one.paid or 0) > pieces * (lowest[code] + _ROUNDED):
                yield f"{one.paid} for {pieces} of {code}, sold for {float(lowest[code]):.2f}"
