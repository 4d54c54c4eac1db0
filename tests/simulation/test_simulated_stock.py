"""The stock system of simulated days: what it would notice, and that it notices nothing else."""

from __future__ import annotations

from collections import Counter
from random import Random

from hw_sim.proofs.simulation.clerk import SimClerk
from hw_sim.proofs.simulation.invariants import violations
from hw_sim.proofs.simulation.stock_till import StockTill
from worlds.counter import CASH, at_the_counter, sell

from pos_terminal.core.looked import Disposition
from pos_terminal.core.people import Role
from pos_terminal.ports.records import Correction

TEA = {"sku": "9", "name": "Tea", "quantity": 3, "unit_price": 1_500}
CUP = {"sku": "11", "name": "Cup", "quantity": 1, "unit_price": 900}


async def refunded(clerk: SimClerk) -> StockTill:
    till = StockTill(clerk.site, Random(1), Counter())
    await sell(clerk, "GOODS", {"kind": "cash", "amount": 5_400}, lines=[TEA, CUP], **CASH)
    await clerk.log_in()
    clerk.scan("GOODS")
    await clerk.at("sale: enter", "refund.amount: enter", "refund.reason: 4")
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
    """As a correction moves them, which no person of the simulated days makes."""
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
