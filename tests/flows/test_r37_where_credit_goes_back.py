"""Who agrees that goods of an exchange credit come back sees where their money goes (R37)."""

from __future__ import annotations

from typing import Any

import pytest
from hw_sim.proofs.simulation.clerk import SimClerk
from hw_sim.proofs.simulation.site import Setting
from worlds.counter import CASH, at_the_counter, begin_ticket, one_line, sell
from worlds.credit_counter import BY_WALLET, IN_CASH, credit_for_a_cup, sound, taken

from pos_terminal.core.exchange_credit import ExchangeCredit
from pos_terminal.core.refund import Kind, State
from pos_terminal.texts import Language

LIMIT = {"cash_limit": {"limit": 500}}
HALVES = (BY_WALLET | {"amount": 400}, {"kind": "cash", "amount": 500})


async def buy(
    clerk: SimClerk, credit: ExchangeCredit, amount: int, *beside: dict[str, Any], name: str = "POT"
) -> None:
    told = {"kind": "exchange", "amount": amount, "exchange_no": credit.number}
    await sell(clerk, name, told, *beside, **CASH)


@pytest.mark.parametrize("language", Language)
def test_notes_above_the_limit_are_seen_as_store_credit_by_both(language: Language) -> None:
    @at_the_counter(Setting(language=language, rules=LIMIT))
    async def story(clerk: SimClerk) -> None:
        said = "超出现金限额,改发储值券"
        if language is Language.EN:
            said = "Above the cash limit: store credit"
        credit = await credit_for_a_cup(clerk, IN_CASH)
        await taken(clerk, credit, 900)
        await buy(clerk, credit, 900)
        clerk.scan("POT")
        await clerk.at("sale: enter", "refund.amount: enter", "refund.reason: 4")
        await clerk.at("supervisor.number")
        assert said in one_line(clerk)
        await clerk.approve()
        await clerk.at("exchange.back")
        assert said in one_line(clerk)
        await clerk.at("exchange.back: enter", "refund.confirm: enter", "result: enter")
        await clerk.home()
        done = [(one.kind, one.state) for one in clerk.site.ledger.refunds.recent(1)]
        assert done == [(Kind.CREDIT, State.ISSUED)]
        sound(clerk)

    story()


@at_the_counter(Setting(language=Language.EN))
async def test_of_several_sales_each_with_its_own_payments(clerk: SimClerk) -> None:
    """What the first takes of them is not shown for the second."""
    credit = await credit_for_a_cup(clerk, *HALVES)
    await taken(clerk, credit, 900)
    await buy(clerk, credit, 300, name="ONE")
    await buy(clerk, credit, 600, name="TWO")
    await begin_ticket(clerk, "ONE")
    clerk.scan("TWO")
    await clerk.at("sale: enter", "refund.amount: enter", "refund.reason: 4")
    await clerk.at("ticket.plan: enter", "supervisor.number")
    shown = one_line(clerk)
    parts = [shown.count(one) for one in ("Wallet 3.00", "Wallet 1.00", "Cash 5.00")]
    assert parts == [1, 1, 1], shown
    await clerk.home()
