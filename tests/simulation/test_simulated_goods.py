"""Goods that bring less than they are worth: what simulated days notice of it (R74)."""

from __future__ import annotations

from hw_sim.proofs.simulation.clerk import SimClerk
from hw_sim.proofs.simulation.goods_mutants import GOODS
from hw_sim.proofs.simulation.invariants import violations
from worlds.counter import logged_in

SALE = "discounted-older"
"""Three towels, of which each brings 23.31; paid in cash."""


async def for_less(clerk: SimClerk) -> None:
    """All of them, used: 5.00 less."""
    await clerk.find(clerk.site.shop.sale(SALE))
    await clerk.at("sale: enter", "refund.amount: enter", "refund.reason: menu")
    await clerk.at("goods.or_note: 2", "goods.line: 3", "goods.deduct: 1")
    await clerk.at("goods.deduct_amount: 500 enter", "goods.line: menu")
    await clerk.at("refund.reason: 4")
    await clerk.approve()
    await clerk.pay_out()
    await clerk.at("cash.hand_over: enter", "result: enter")
    await clerk.home()


@logged_in()
async def test_goods_for_less_are_what_they_should_be(clerk: SimClerk) -> None:
    await for_less(clerk)
    (refund,) = clerk.site.refunds_of(clerk.site.shop.sale(SALE).sale_id)
    assert refund.done == 6_993 - 500
    assert violations(clerk.site) == []


@logged_in()
async def test_a_deduction_that_is_not_taken_is_noticed(clerk: SimClerk) -> None:
    with GOODS["a deduction is not taken"]():
        await for_less(clerk)
    assert any("goods brought 6993, 6994.5 less 500" in one for one in violations(clerk.site))
