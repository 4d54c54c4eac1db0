"""Tills that take exchange credits on simulated days: what would be noticed, and nothing else."""

from __future__ import annotations

import asyncio
from collections import Counter
from random import Random

import pytest
from hw_sim.proofs.simulation.clerk import SimClerk
from hw_sim.proofs.simulation.exchange_credit_till import ExchangeCreditTill, Fate
from hw_sim.proofs.simulation.goods_mutants import CREDITS
from hw_sim.proofs.simulation.invariants import violations
from worlds.counter import at_the_counter

SALE = "two-cards-older"
HOUR = 3_600.0


class _Till(ExchangeCreditTill):
    """Of whose customers it is known what they do."""

    def __init__(self, clerk: SimClerk, fate: Fate) -> None:
        super().__init__(clerk.site, Random(1), Counter())
        self.fate = fate

    async def once(self) -> None:
        """Each of its customers comes now."""
        for number, paper in self._known().items():
            paper.fate = self.fate
            await self._comes(number, paper)


async def credit(clerk: SimClerk) -> str:
    """Of all goods of a sale that two cards paid."""
    await clerk.log_in()
    await clerk.find(clerk.site.shop.sale(SALE))
    await clerk.at("sale: menu", "sale.more: 5")
    if await clerk.wait("refund.lines", "refund.reason") == "refund.lines":
        for line in range(1, len(clerk.site.shop.sale(SALE).lines) + 1):
            await clerk.at(f"refund.lines: {line}", "refund.quantity: enter")
        await clerk.at("refund.lines: menu")
    await clerk.at("refund.reason: 4", "goods.scan: menu", "exchange.as_credit: enter")
    await clerk.approve()
    await clerk.at("result: enter")
    await clerk.home()
    (made,) = clerk.site.ledger.exchange_credits.open_ones()
    return made.number


async def rest_back(clerk: SimClerk, number: str) -> None:
    """By the cards that paid."""
    clerk.scan(number)
    await clerk.at("exchange.credit: 1")
    await clerk.approve()
    while (shown := await clerk.wait("card.present", "result", "ticket.left", "home")) != "home":
        if shown == "card.present":
            await clerk.show_card("unionpay-debit" if "622848" in clerk.text else "visa")
        else:
            clerk.press("enter")
            await clerk.leave(shown)


async def problems(clerk: SimClerk, till: _Till) -> list[str]:
    await till.finish()
    await clerk.site.until(lambda: not clerk.site.ledger.refunds.open_ones(), HOUR, "rest")
    return violations(clerk.site)


@at_the_counter()
async def test_taken_in_parts_and_the_rest_given_back_is_even(clerk: SimClerk) -> None:
    till = _Till(clerk, Fate.PARTS)
    number = await credit(clerk)
    await till.once()
    taken = till.book.taken[number]
    amount = clerk.site.shop.sale(SALE).amount
    assert 0 < taken < amount
    await rest_back(clerk, number)
    till.fate = Fate.ALL
    await till.once()
    assert till.book.taken[number] == taken, "what is settled takes nothing"
    assert till.book.settled == {number}
    assert await problems(clerk, till) == []
    refunds = clerk.site.refunds_of(clerk.site.shop.sale(SALE).sale_id)
    assert sum(one.done for one in refunds) == amount


@pytest.mark.parametrize("fate", [Fate.ALL, Fate.MORE, Fate.TWICE])
@at_the_counter()
async def test_whatever_it_asks_for_it_takes_what_it_is_worth(clerk: SimClerk, fate: Fate) -> None:
    number = await credit(clerk)
    till = _Till(clerk, fate)
    await till.once()
    assert till.book.taken[number] == clerk.site.shop.sale(SALE).amount
    assert await problems(clerk, till) == []


@at_the_counter()
async def test_what_is_taken_after_its_time_is_noticed(clerk: SimClerk) -> None:
    number = await credit(clerk)
    till = _Till(clerk, Fate.LATE)
    await till.once()
    await asyncio.sleep(4 * HOUR)
    with CREDITS["taken after its time"]():
        await till.once()
    assert any(f"{number[-4:]} was taken after" in one for one in clerk.site.objections)


@at_the_counter()
async def test_what_falls_on_another_payment_is_noticed(clerk: SimClerk) -> None:
    await credit(clerk)
    till = _Till(clerk, Fate.PARTS)
    with CREDITS["taken of the last payment"]():
        await till.once()
    assert any("of it is spent" in one for one in await problems(clerk, till))


@at_the_counter()
async def test_a_till_that_takes_what_it_was_never_answered_is_noticed(clerk: SimClerk) -> None:
    number = await credit(clerk)
    till = _Till(clerk, Fate.PARTS)
    await till.once()
    till.book.taken[number] -= 1
    assert any("the till took" in one for one in await problems(clerk, till))
