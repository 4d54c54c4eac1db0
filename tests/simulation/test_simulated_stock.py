"""The stock system of simulated days: what it would notice, and that it notices nothing else."""

from __future__ import annotations

from collections import Counter
from random import Random

import pytest
from hw_sim.proofs.simulation.clerk import SimClerk
from hw_sim.proofs.simulation.goods_mutants import GOODS, STOCK
from hw_sim.proofs.simulation.invariants import violations
from hw_sim.proofs.simulation.stock_till import StockTill
from hw_sim.proofs.simulation.stock_truth import StockTruth
from worlds.counter import CASH, at_the_counter, sell

from pos_terminal.core.looked import Disposition
from pos_terminal.core.people import Role
from pos_terminal.ports.records import Correction

TEA = {"sku": "9", "name": "Tea", "quantity": 3, "unit_price": 1_500}
CUP = {"sku": "11", "name": "Cup", "quantity": 1, "unit_price": 900}


async def refunded(clerk: SimClerk, reason: str = "4") -> StockTill:
    till = StockTill(clerk.site, Random(1), Counter())
    await sell(clerk, "GOODS", {"kind": "cash", "amount": 5_400}, lines=[TEA, CUP], **CASH)
    await clerk.log_in()
    clerk.scan("GOODS")
    await clerk.at("sale: enter", "refund.amount: enter", f"refund.reason: {reason}")
    await clerk.approve()
    await clerk.pay_out()
    await clerk.at("cash.hand_over: enter")
    await clerk.home()
    await till.fetch_the_rest()
    return till


def of_stock(clerk: SimClerk) -> list[str]:
    """Of the violations: the till that sold is none that the shop's day knows of."""
    words = ("stock system", "goods moved", "movements")
    return [one for one in violations(clerk.site) if any(word in one for word in words)]


@at_the_counter()
async def test_it_has_what_the_refunds_say_and_asks_again_after_a_kill(clerk: SimClerk) -> None:
    till = await refunded(clerk)
    assert sorted(till.book.movements) == [1, 2]
    assert of_stock(clerk) == []
    clerk.site.terminal.kill()
    assert not await till._fetch(), "nobody answers"
    assert till.book.next == 2
    assert clerk.site.objections == []


@at_the_counter()
async def test_a_movement_that_it_has_otherwise_or_lacks_is_noticed(clerk: SimClerk) -> None:
    till = await refunded(clerk)
    right = till.book.movements[2]
    till.book.movements[2] = right | {"disposition": "damaged"}
    assert len(of_stock(clerk)) == 2
    del till.book.movements[2]
    assert len(of_stock(clerk)) == 2


@at_the_counter()
async def test_goods_that_moved_elsewhere_than_the_refund_says_are_noticed(
    clerk: SimClerk,
) -> None:
    """By a correction that nobody has read on the screen."""
    till = await refunded(clerk)
    me, boss = (clerk.site.shop.person(role).number for role in (Role.CLERK, Role.SUPERVISOR))
    wrong = Correction(
        refund_id=1,
        line=2,
        condition="4",
        disposition=Disposition.DAMAGED,
        operator=me,
        supervisor=boss,
    )
    await clerk.site.ledger.stock.correct(wrong)
    await till.fetch_the_rest()
    assert sorted(till.book.movements) == [1, 2, 3, 4]
    assert len(of_stock(clerk)) == 2


async def corrected(clerk: SimClerk, line: str, condition: str) -> None:
    """By whoever has the slip."""
    await clerk.at("home: menu", "menu: 4 3", "stock.slip: 1 enter", f"stock.line: {line}")
    await clerk.at(f"stock.correct: {condition}")
    await clerk.approve()
    await clerk.at("stock.corrected: enter")
    await clerk.home()


@at_the_counter()
async def test_what_a_supervisor_read_is_where_goods_are(clerk: SimClerk) -> None:
    """Corrected, and once more."""
    seen = StockTruth(clerk.site)
    till = await refunded(clerk)
    await corrected(clerk, "1", "4")
    await corrected(clerk, "2", "2")
    await corrected(clerk, "1", "3")
    await till.fetch_the_rest()
    seen.look()
    said = [(one.name, one.quantity, one.condition) for one in clerk.site.corrected]
    assert said == [("Tea", "3", "4"), ("Cup", "1", "2"), ("Tea", "3", "3")]
    assert len(till.book.movements) == 8
    assert of_stock(clerk) == []


@at_the_counter()
async def test_what_came_after_all_is_where_a_supervisor_read_it(clerk: SimClerk) -> None:
    """The refund itself had said that none came."""
    seen = StockTruth(clerk.site)
    till = await refunded(clerk, "3")
    assert till.book.movements == {}
    await corrected(clerk, "2", "2")
    await till.fetch_the_rest()
    seen.look()
    assert len(till.book.movements) == 1
    assert of_stock(clerk) == []
    assert not any("such goods came" in one for one in violations(clerk.site))


@pytest.mark.parametrize("name", STOCK)
@at_the_counter()
async def test_a_mistake_in_it_is_noticed(clerk: SimClerk, name: str) -> None:
    seen = StockTruth(clerk.site)
    with GOODS[name]():
        till = await refunded(clerk, "2")
        await corrected(clerk, "1", "4")
    await till.fetch_the_rest()
    seen.look()
    assert any("goods moved" in one for one in of_stock(clerk))
