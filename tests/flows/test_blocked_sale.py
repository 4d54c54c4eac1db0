"""A refund without an outcome blocks its sale, not the terminal (R32)."""

from __future__ import annotations

import pytest
from hw_sim.proofs.simulation.clerk import SimClerk
from hw_sim.proofs.simulation.invariants import one_open
from worlds.counter import a_refund, at_the_counter, in_each_language

from pos_terminal.core.refund import State
from pos_terminal.texts import Language

TOLD = {
    Language.ZH_CN: "该交易有结果未知的退款 请等待结果",
    Language.EN: "A refund of this sale is open. Wait",
}


def words(clerk: SimClerk) -> str:
    """The screen without its line breaks."""
    return "".join(clerk.text.split())


@pytest.mark.parametrize("language", Language)
@in_each_language(repeat="never")
async def test_its_sale_takes_no_more_and_another_does(clerk: SimClerk, language: Language) -> None:
    site = clerk.site
    told = "".join(TOLD[language].split())
    await clerk.log_in()
    refund = await a_refund(clerk, "drop-answer")
    await clerk.find(site.shop.sale("visa-older"))
    assert told in words(clerk)
    await clerk.go("enter", to="failure")
    assert told in words(clerk)
    await clerk.home()
    await clerk.ask_for(site.shop.sale("cash-today"), 100)
    await clerk.approve()
    await clerk.pay_out()
    await clerk.answer("cash.hand_over", "")
    await clerk.home()
    assert site.ledger.refunds.recent(1)[0].state is State.HANDED_OVER
    assert site.ledger.refunds.open_ones() == [refund]
    assert list(one_open(site.ledger.refunds.recent(9))) == []
    assert list(one_open([refund, refund])) != []


@at_the_counter()
async def test_once_it_is_concluded_the_rest_is_given_back(clerk: SimClerk) -> None:
    site = clerk.site
    await clerk.log_in()
    await a_refund(clerk, "drop-answer")
    while site.ledger.refunds.open_ones():
        await clerk.wait_for_life()
    await clerk.give_back(site.shop.sale("visa-older"), 100)
    await clerk.accept()
    states = [(one.state, one.done) for one in site.ledger.refunds.recent(9)]
    assert states == [(State.ACCEPTED, 100), (State.ACCEPTED, 123)]
