"""What goods brought, by the till's own lines, in exact fractions."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from typing import Final

from hw_sim.bench.sample_sales import SampleSale
from hw_sim.proofs.simulation.invariants.balances import Sold, named
from hw_sim.proofs.simulation.invariants.opened import opened
from hw_sim.proofs.simulation.site import Site
from pos_terminal.core.items import Item
from pos_terminal.core.refund import AS_CREDIT, SPENT, Refund, State

ROUNDED: Final = Fraction(3, 2)
"""Minor units: a line's share of its sale, and its part of what came back."""


def worth(site: Site, sales: Iterable[Sold]) -> Iterator[str]:
    """What goods brought, in whatever steps, is no more than what was paid for them, less what was
    deducted of it (R74).

    Counted from what the till said, with exact fractions, and not as the terminal counts; where
    it told several totals, by the largest.
    """
    for sample, sale, refunds in sales:
        brought = off = 0
        back: Counter[int] = Counter()
        for money, items in with_goods(site, refunds):
            brought += money
            for item in items:
                back[item.line] += item.quantity
                off += 0 if item.looked is None else item.looked.deduction
        most = most_for(sample, _most(site, sample), back)
        if brought + off > most:
            paid = f"{float(most):.1f}{f' less {off}' if off else ''}"
            yield f"{sale.sale_id}: goods brought {brought}, {paid} was paid for them"


def with_goods(site: Site, refunds: Iterable[Refund]) -> Iterator[tuple[int, list[Item]]]:
    """What goods of a sale brought, in all by the payments of their ticket, in its order: one of
    these names the goods, and the others pay for them, too. What goods of an exchange credit
    opened again is brought by what goes back for them."""
    again = opened(site)
    money, items = Counter[int](), defaultdict[int, list[Item]](list)
    for refund in refunds:
        if refund.state in SPENT | AS_CREDIT | {State.RETURNED}:
            ticket = site.application(refund.application).ticket
            set_aside = refund.amount - refund.done if refund.state is State.SET_ASIDE else 0
            money[ticket] += refund.done + set_aside - again.get(refund.refund_id, 0)
            items[ticket] += named(site, refund)
    return ((money[ticket], goods) for ticket, goods in items.items() if goods)


def most_for(sample: SampleSale, amount: int, back: Mapping[int, int]) -> Fraction:
    """What was paid for the goods that are back, thousandths by their line, of a sale of
    ``amount``."""
    exact = exact_worths(sample, amount)
    lines = sample.lines
    each = (exact[n] * Fraction(back[n], lines[n - 1].thousandths) + ROUNDED for n in back)
    return sum(each, Fraction(0))


def _most(site: Site, sample: SampleSale) -> int:
    """The sale's amount, with each leg at the largest total that the till told of it."""
    legs = {leg: tender.amount for leg, tender in enumerate(sample.tenders, 1)}
    for one in site.adjustments:
        if one.sale == sample:
            legs[one.leg] = max(legs[one.leg], one.total)
    return sum(legs.values())


def exact_worths(sale: SampleSale, amount: int) -> dict[int, Fraction]:
    """What was paid for each line, minor units, by its number, where the sale is of ``amount``."""
    told = any("paid" in line.told for line in sale.lines)
    found: dict[int, Fraction] = {}
    pools: dict[str, list[int]] = defaultdict(list)
    paid: dict[str, int] = defaultdict(int)
    for number, line in enumerate(sale.lines, 1):
        money = line.told.get("paid", 0) if told else line.listed
        pool = line.told.get("group") or str(number) if told else "all"
        if line.kind == "fee":
            found[number] = Fraction(money)
            continue
        paid[pool] += money
        if line.kind == "goods":
            pools[pool].append(number)
    left = amount - sum(found.values())
    of_goods = sum(paid[pool] for pool in pools)
    for pool, numbers in pools.items():
        listed = {number: sale.lines[number - 1].weight for number in numbers}
        if not any(listed.values()):  # the list says nothing of any: by how much there is
            listed = {number: Fraction(sale.lines[number - 1].thousandths) for number in numbers}
        share = Fraction(paid[pool], of_goods) if of_goods else Fraction(1, len(pools))
        for number in numbers:
            found[number] = left * share * listed[number] / sum(listed.values())
    return found
