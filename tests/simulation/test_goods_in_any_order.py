"""No order of partial returns, deductions and exchanges gives back more than was paid.

Per line, leg and sale, through the whole terminal, counted from the till's own words (R11, R74).
Each run of the suite draws the same twenty orders; ``EXAMPLES=1500`` in the environment draws so
many others at random.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final

import pytest
from hw_sim.bench.sample_sales import SampleLine, SampleSale, SampleTender
from hw_sim.proofs.simulation.clerk import SimClerk
from hw_sim.proofs.simulation.credit_till import CreditTill
from hw_sim.proofs.simulation.goods_mutants import GOODS
from hw_sim.proofs.simulation.invariants import violations
from hw_sim.proofs.simulation.invariants.worth import most_for, with_goods
from hw_sim.proofs.simulation.mutants import MUTANTS
from hw_sim.proofs.simulation.site import Setting, Site
from hypothesis import Phase, assume, example, given, settings
from hypothesis import strategies as st
from worlds.any_return import Return, play
from worlds.counter import tell

from pos_terminal.core.refund import AS_CREDIT, SPENT
from pos_terminal.texts import Language

EXAMPLES: Final = os.environ.get("EXAMPLES")
SHOP: Final = Setting(
    language=Language.EN,
    policy={"supervisor": "by-rule"},
    rules={"returnable": {}},
)


@st.composite
def goods(draw: st.DrawFn, number: int) -> SampleLine:
    """By the piece, or weighed at a price for a kilogram."""
    price, name = draw(st.integers(0, 3_000)), f"Goods{number}"
    if draw(st.booleans()):
        return SampleLine(f"8900{number}", name, draw(st.integers(1, 4)), price, "")
    grams = draw(st.integers(1, 3_000))
    facts = {"quantity": f"{grams // 1_000}.{grams % 1_000:03d}", "unit_price": price}
    return SampleLine(f"8900{number}", name, 1, (grams * price + 500) // 1_000, "", facts)


@st.composite
def sales(draw: st.DrawFn) -> tuple[list[SampleLine], list[SampleTender]]:
    """Goods by the piece and by weight, of an offer or not, a fee, a discount; and who paid it."""
    told = draw(st.booleans())
    lines = []
    for number in range(1, draw(st.integers(1, 3)) + 1):
        line = draw(goods(number))
        if told:
            facts: dict[str, Any] = {"paid": draw(st.integers(0, line.listed))}
            facts |= {"group": "offer"} if draw(st.booleans()) else {}
            line = replace(line, told={**line.told, **facts})
        lines.append(line)
    if draw(st.booleans()):
        fee = draw(st.integers(1, 900))
        more = {"kind": "fee", **({"paid": fee} if told else {})}
        lines.append(SampleLine("", "Delivery", 1, fee, "", more))
    listed = sum(line.listed for line in lines)
    of_goods = sum(line.listed for line in lines if line.kind == "goods")
    off = 0 if told else draw(st.integers(0, of_goods // 2))
    if off:
        lines.append(SampleLine("", "Member", 1, off, "", {"kind": "discount"}))
    amount = sum(x.told["paid"] for x in lines) if told else listed - off
    kinds = draw(st.permutations(["cash", "points", "voucher"]))[: draw(st.integers(1, 3))]
    cuts = sorted(draw(st.integers(0, amount)) for _ in kinds[1:])
    parts = [b - a for a, b in zip([0, *cuts], [*cuts, amount], strict=True)]
    tenders = [SampleTender(kind, part) for kind, part in zip(kinds, parts, strict=True) if part]
    assume(tenders and any(line.kind == "goods" for line in lines))
    return lines, tenders


LINES: Final = st.dictionaries(st.integers(1, 4), st.integers(1, 4_000), min_size=1, max_size=3)
LEG: Final = st.integers(0, 3)
AMOUNT: Final = st.integers(1, 6_000)


@st.composite
def for_less(draw: st.DrawFn) -> Return:
    goods = draw(LINES)
    some = draw(st.sampled_from(sorted(goods)))
    off = draw(st.one_of(st.integers(1, 60), st.integers(1, 2_000)))
    return Return(
        goods=goods,
        off={some: off},
        leg=draw(LEG),
    )


VISITS: Final = st.one_of(
    st.builds(Return, goods=LINES, leg=LEG),
    st.builds(Return, goods=LINES, amount=AMOUNT, leg=LEG),
    for_less(),
    st.builds(Return, amount=AMOUNT, leg=LEG, says=st.integers(0, 3), goods=LINES),
    st.builds(Return, goods=LINES, exchange=st.just(True)),
    st.builds(
        Return,
        goods=LINES,
        exchange=st.just(True),
        credit=st.just(True),
        amount=st.integers(0, 900),
    ),
)
BACK: Final = SPENT | AS_CREDIT
"""With the customer, or set aside for them."""
THE_REST: Final = Return()


OWED_LATER: Final = [
    SampleLine("89001", "Goods1", 1, 776, "", {"quantity": "0.435", "unit_price": 1_785}),
    SampleLine("89002", "Goods2", 2, 434, ""),
    SampleLine("", "Member", 1, 808, "", {"kind": "discount"}),
]
"""The first voucher has not enough for the first line, and the second brings what is owed of it."""


@given(sales(), st.lists(VISITS, min_size=1, max_size=5))
@example(
    (
        OWED_LATER,
        [SampleTender("voucher", 105), SampleTender("points", 189), SampleTender("cash", 542)],
    ),
    [
        Return(goods={1: 3_999}, leg=1),
        Return(goods={1: 395, 2: 280}, leg=1),
        Return(goods={2: 1_258}, leg=1),
    ],
)
@settings(
    max_examples=int(EXAMPLES or "20"),
    derandomize=EXAMPLES is None,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    report_multiple_bugs=False,
)
def test_no_order_gives_back_more_than_was_paid(
    sold: tuple[list[SampleLine], list[SampleTender]], plan: list[Return]
) -> None:
    assert told(*sold, [*plan, THE_REST]) == []


def told(lines: list[SampleLine], tenders: list[SampleTender], plan: list[Return]) -> list[str]:
    """What does not hold once the customer came so often, the last time for all that is left."""
    found: list[str] = []

    async def story(clerk: SimClerk) -> None:
        till = CreditTill(clerk.site, 0, Counter())
        sample = till.sell("any tenders", tenders, lines=tuple(lines), voucher="2900017").sample
        await till.tell()
        await clerk.log_in()
        for visit in plan:
            await play(clerk, sample, visit)
        found.extend(violations(clerk.site))
        found.extend(too_much(clerk.site, sample))
        if not any(visit.amount for visit in plan if not visit.credit):
            found.extend(too_little(clerk.site, sample))

    tell(story, SHOP)
    return found


def too_much(site: Site, sample: SampleSale) -> Iterator[str]:
    """By line, leg and sale, from what refunds say that brought something.

    What a payment could not give stays owed and comes with goods that are brought later, so money
    is held against all that is back by then, and each line against what it was taken as.
    """
    refunds = [one for one in site.refunds_of(sample.sale_id) if one.state in BACK]
    of_leg = Counter[int]()
    for refund in refunds:
        of_leg[refund.leg] += refund.done
    if of_leg.total() > sample.amount:
        yield f"{of_leg.total()} of {sample.amount} went back"
    for leg, tender in enumerate(sample.tenders, 1):
        if of_leg[leg] > tender.amount:
            yield f"{of_leg[leg]} of {tender.amount} went back to leg {leg}"
    brought, back, worth = 0, Counter[int](), Counter[int]()
    for money, items in with_goods(site, refunds):
        brought += money
        for item in items:
            back[item.line] += item.quantity
            worth[item.line] += item.worth
            brought += item.looked.deduction if item.looked else 0
        most = most_for(sample, sample.amount, back)
        if brought > most:
            yield f"goods brought {brought}, {float(most):.1f} was paid for them"
    for number, quantity in back.items():
        if quantity > (sold := sample.lines[number - 1].thousandths):
            yield f"{quantity} of {sold} came back of line {number}"
        most = most_for(sample, sample.amount, {number: quantity})
        if worth[number] > most:
            yield f"line {number} counted {worth[number]}, {float(most):.1f} was paid for it"


def too_little(site: Site, sample: SampleSale) -> Iterator[str]:
    """Where nobody typed an amount, all of the goods and fees bring all that was paid, but for what
    was deducted."""
    refunds = [one for one in site.refunds_of(sample.sale_id) if one.state in BACK]
    items = [item for one in refunds for item in site.application(one.application).items]
    back = Counter[int]()
    for item in items:
        back[item.line] += item.quantity
    kinds = ("goods", "fee")
    lines = {n: one.thousandths for n, one in enumerate(sample.lines, 1) if one.kind in kinds}
    brought = sum(one.done for one in refunds)
    brought += sum(item.looked.deduction for item in items if item.looked is not None)
    if back == Counter(lines) and brought != sample.amount:
        yield f"all of it is back, and {brought} of {sample.amount}"


THREE: Final = SampleLine("89001", "Goods1", 3, 1_000, "", {"paid": 2_000})
WEIGHED: Final = SampleLine(
    "89002", "Goods2", 1, 500, "", {"quantity": "0.500", "unit_price": 1_000, "paid": 400}
)
TENDERS: Final = [SampleTender("cash", 1_300), SampleTender("points", 1_100)]
PLAN: Final = [
    Return(goods={1: 1_000, 2: 250}, off={1: 100}),
    Return(goods={1: 1_000}, exchange=True),
    Return(goods={2: 100}, off={2: 50}),
    Return(goods={1: 1_000}, exchange=True, credit=True, amount=200),
    Return(amount=300, says=3),
    THE_REST,
]


def test_one_of_them_is_right() -> None:
    assert told([THREE, WEIGHED], TENDERS, PLAN) == []


@pytest.mark.parametrize("name", ["a deduction is not taken", "goods at list price"])
def test_a_mistake_in_it_is_noticed(name: str) -> None:
    with {**GOODS, **MUTANTS}[name]():
        found = told([THREE, WEIGHED], TENDERS, PLAN)
    assert any("brought" in one for one in found)
