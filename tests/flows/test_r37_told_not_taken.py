"""A till says that an exchange credit paid, and has not taken it: while that case is open nobody
gives back its rest, or what of it stayed in its sale, without somebody who has read of it (R37)."""

from __future__ import annotations

import pytest
from hw_sim.proofs.simulation.clerk import SimClerk
from hw_sim.proofs.simulation.counter_hands import till_tells
from hw_sim.proofs.simulation.site import Setting
from worlds.counter import CASH, at_the_counter, explained, one_line, sell
from worlds.credit_counter import CUP, IN_CASH, buy, now, refunds, sound

from pos_terminal.core.exchange_credit import CreditState, ExchangeCredit
from pos_terminal.core.refund import Kind, State
from pos_terminal.texts import Language

BY_RULE = Setting(language=Language.EN, policy={"supervisor": "by-rule"})
PAID = (Kind.CASH, State.HANDED_OVER, 900)
READ = "Credit told as paid, not taken 9.00"


async def credit_of_a_cup(clerk: SimClerk) -> ExchangeCredit:
    """Where the rules ask nobody."""
    await sell(clerk, "GOODS", IN_CASH, lines=[CUP], **CASH)
    await clerk.log_in()
    clerk.scan("GOODS")
    await clerk.at("sale: menu", "sale.more: 5", "refund.reason: 4", "goods.scan: menu")
    await clerk.at("exchange.as_credit: enter", "result: enter")
    await clerk.home()
    (credit,) = clerk.site.ledger.exchange_credits.open_ones()
    return credit


async def left_to_do(clerk: SimClerk, credit: ExchangeCredit) -> None:
    """Its rest: the customer went away from the cash."""
    clerk.scan(credit.number)
    await clerk.at("exchange.credit: 1", "exchange.rest_back: enter", "refund.confirm: cancel")
    await clerk.home()


async def to_do(clerk: SimClerk) -> None:
    await clerk.at("home: menu", "menu: 3", "menu.to_do: 6", "ticket.todo: 1")


async def asked_and_paid(clerk: SimClerk) -> None:
    await clerk.wait("supervisor.number")
    assert READ in one_line(clerk)
    await clerk.approve()
    await clerk.pay_out()
    await clerk.at("cash.hand_over: enter", "result: enter")
    await clerk.home()


@pytest.mark.parametrize("at", ["exchange.rest_back", "refund.confirm"])
def test_the_sale_comes_while_a_screen_of_the_rest_stands(at: str) -> None:
    """The commit refuses it, and gone on with it is asked."""

    @at_the_counter(BY_RULE)
    async def story(clerk: SimClerk) -> None:
        credit = await credit_of_a_cup(clerk)
        clerk.scan(credit.number)
        await clerk.at("exchange.credit: 1")
        if at != "exchange.rest_back":
            await clerk.at("exchange.rest_back: enter")
        await clerk.wait(at)
        await buy(clerk, credit, 900)
        await clerk.at(f"{at}: enter")
        if at == "exchange.rest_back":
            await clerk.at("refund.confirm: enter")
        await clerk.wait("ticket.failed", "failure")
        assert "told of an exchange credit since" in one_line(clerk)
        await clerk.home()
        assert PAID not in refunds(clerk, credit)
        await to_do(clerk)
        await clerk.at("ticket.left: enter")
        await asked_and_paid(clerk)
        assert refunds(clerk, credit)[-1] == PAID
        sound(clerk)

    story()


@pytest.mark.parametrize("policy", ["by-rule", "always"])
def test_what_was_left_to_do_goes_on_by_who_reads_of_it(
    policy: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """A word that was given before the sale came stands for nothing."""

    @at_the_counter(Setting(language=Language.EN, policy={"supervisor": policy}))
    async def story(clerk: SimClerk) -> None:
        await sell(clerk, "GOODS", IN_CASH, lines=[CUP], **CASH)
        await clerk.log_in()
        clerk.scan("GOODS")
        await clerk.at("sale: menu", "sale.more: 5", "refund.reason: 4", "goods.scan: menu")
        await clerk.at("exchange.as_credit: enter")
        if policy == "always":
            await clerk.approve()
        await clerk.at("result: enter")
        await clerk.home()
        (credit,) = clerk.site.ledger.exchange_credits.open_ones()
        clerk.scan(credit.number)
        await clerk.at("exchange.credit: 1")
        if policy == "always":
            await clerk.approve()
        else:
            await clerk.at("exchange.rest_back: enter")
        await clerk.at("refund.confirm: cancel")
        await clerk.home()
        await buy(clerk, credit, 900)
        await to_do(clerk)
        await clerk.at("ticket.left: enter")
        await asked_and_paid(clerk)
        assert refunds(clerk, credit)[-1] == PAID
        last = clerk.site.ledger.applications.of_ticket(credit.ticket)[-1]
        told = explained(clerk, last.number, Language.EN, capsys)
        assert READ in told
        sound(clerk)

    story()


@at_the_counter(BY_RULE)
async def test_a_rest_that_was_withdrawn_is_asked_for_again(clerk: SimClerk) -> None:
    """From the receipt, as money that the sale has left."""
    credit = await credit_of_a_cup(clerk)
    await left_to_do(clerk, credit)
    await to_do(clerk)
    await clerk.at("ticket.left: menu", "ticket.withdraw: enter")
    await clerk.home()
    await buy(clerk, credit, 900)
    clerk.scan("GOODS")
    await clerk.at("sale: enter", "refund.amount: enter", "refund.reason: 4")
    await asked_and_paid(clerk)
    assert refunds(clerk, credit)[-1] == PAID
    assert now(clerk, credit).state is CreditState.SETTLED
    sound(clerk)


@at_the_counter(BY_RULE)
async def test_once_the_case_is_closed_nobody_is_asked(clerk: SimClerk) -> None:
    """The till voided the sale that had said so."""
    credit = await credit_of_a_cup(clerk)
    await left_to_do(clerk, credit)
    await buy(clerk, credit, 900)
    void = {"kind": "sale_voided", "sale_id": "POT", "at": "2026-11-20T13:30:00+08:00"}
    await till_tells(clerk, void)
    await to_do(clerk)
    await clerk.at("ticket.left: enter")
    await clerk.pay_out()
    await clerk.at("cash.hand_over: enter", "result: enter")
    await clerk.home()
    assert refunds(clerk, credit)[-1] == PAID
    sound(clerk)
