"""Goods that an exchange credit paid for come back: what it spent goes back as the first sale was
paid (R37)."""

from __future__ import annotations

import pytest
from hw_sim.proofs.simulation.clerk import SimClerk
from hw_sim.proofs.simulation.site import Setting
from worlds.counter import at_the_counter, one_line
from worlds.credit_counter import (
    BY_WALLET,
    IN_CASH,
    bring_back,
    buy,
    credit_for_a_cup,
    credit_of_line,
    legs,
    of_first,
    sound,
    taken,
)

from pos_terminal.core.exchange_credit import ExchangeCredit
from pos_terminal.core.print_job import UNPRINTED
from pos_terminal.core.refund import Kind, State
from pos_terminal.services.ledger.overview import overview
from pos_terminal.texts import Language


async def plan_of_two(clerk: SimClerk) -> ExchangeCredit:
    """To the supervisor's yes to a pot that a credit and cash had paid, of which all comes back."""
    half = {"kind": "cash", "amount": 500}
    credit = await credit_for_a_cup(clerk, BY_WALLET | {"amount": 400}, half)
    await taken(clerk, credit, 900)
    await buy(clerk, credit, 900, {"kind": "cash", "amount": 100})
    await bring_back(clerk)
    await clerk.at("ticket.plan: enter")
    await clerk.approve()
    return credit


OF_BOTH = [(Kind.MANUAL, State.FORM_PRINTED, 0), (Kind.CASH, State.HANDED_OVER, 500)]


def of_pot(clerk: SimClerk, name: str = "POT") -> list[tuple[Kind, State, int]]:
    sale = clerk.site.ledger.sales.by_id(name)
    assert sale is not None
    return [(one.kind, one.state, one.done) for one in clerk.site.ledger.refunds.of_sale(sale.key)]


@pytest.mark.parametrize("language", Language)
def test_paid_in_cash_at_first_it_goes_back_in_cash(language: Language) -> None:
    @at_the_counter(Setting(language=language))
    async def story(clerk: SimClerk) -> None:
        chinese = language is Language.ZH_CN
        credit = await credit_for_a_cup(clerk, IN_CASH)
        await taken(clerk, credit, 900)
        await buy(clerk, credit, 900)
        await bring_back(clerk)
        await clerk.approve()
        await clerk.at("exchange.back")
        assert ("按首笔交易" if chinese else "as the first sale was paid") in clerk.text
        assert "9.00" in clerk.text
        await clerk.at("exchange.back: enter")
        await clerk.pay_out()
        await clerk.at("cash.hand_over: enter", "result: enter")
        await clerk.home()
        assert of_pot(clerk) == [(Kind.EXCHANGE_BACK, State.REOPENED, 900)]
        assert of_first(clerk, credit) == [(Kind.CASH, State.HANDED_OVER, 900)]
        assert legs(clerk, credit) == [(900, 0, 0)]
        sound(clerk)

    story()


@at_the_counter()
async def test_paid_by_card_at_first_it_goes_back_to_that_card(clerk: SimClerk) -> None:
    """And is no void, though nothing of the payment is given back any more: all of it was."""
    credit = await credit_of_line(clerk, "visa-today", lines=2)
    assert credit.amount == clerk.site.shop.sale("visa-today").amount
    await taken(clerk, credit, credit.amount)
    await buy(clerk, credit, credit.amount)
    await bring_back(clerk)
    await clerk.approve()
    await clerk.at("exchange.back: enter")
    await clerk.show_card("visa")
    await clerk.at("result: enter")
    await clerk.home()
    assert of_first(clerk, credit) == [(Kind.REFUND, State.ACCEPTED, credit.amount)]
    sound(clerk)


@at_the_counter()
async def test_another_card_than_the_first_sales_gets_nothing(clerk: SimClerk) -> None:
    credit = await credit_of_line(clerk, "visa-older")
    await taken(clerk, credit, credit.amount)
    await buy(clerk, credit, credit.amount)
    await bring_back(clerk)
    await clerk.approve()
    await clerk.at("exchange.back: enter")
    await clerk.wait("card.present")
    clerk.tap("mastercard")
    await clerk.wait_text("Not the card of the sale")
    await clerk.at(": cancel", "ticket.left: enter")
    await clerk.home()
    slips = clerk.site.ledger.slips
    await clerk.site.until(lambda: not slips.in_state(*UNPRINTED), 60, "the slips")
    assert of_first(clerk, credit) == []
    assert "1 left to do" in clerk.text
    sound(clerk)


@at_the_counter()
async def test_beside_it_the_other_payment_goes_as_ever(clerk: SimClerk) -> None:
    """Of the first sale two payments had paid: the till's share fell on both."""
    credit = await plan_of_two(clerk)
    await clerk.at("exchange.back: enter")
    await clerk.pay_out()  # the wallet's form
    await clerk.at("result: enter")
    await clerk.pay_out()
    await clerk.at("cash.hand_over: enter", "result: enter")
    await clerk.home()
    assert of_pot(clerk) == [
        (Kind.EXCHANGE_BACK, State.REOPENED, 900),
        (Kind.CASH, State.HANDED_OVER, 100),
    ]
    assert of_first(clerk, credit) == OF_BOTH
    sound(clerk)


@at_the_counter()
async def test_cancelled_in_a_plan_it_is_to_do_and_the_other_payment_goes(clerk: SimClerk) -> None:
    credit = await plan_of_two(clerk)
    await clerk.at("exchange.back: cancel", "refund.confirm: enter", "cash.hand_over: enter")
    await clerk.at("result: enter", "ticket.left: enter", "home")
    assert of_pot(clerk) == [(Kind.CASH, State.HANDED_OVER, 100)]
    assert legs(clerk, credit) == [(400, 0, 0), (500, 0, 0)]
    await clerk.at(": menu", "menu: 3", "menu.to_do: 6", "ticket.todo: 1", "ticket.left: enter")
    await clerk.at("exchange.back: enter")
    await clerk.pay_out()
    await clerk.at("result: enter")
    await clerk.pay_out()
    await clerk.approve()  # the drawer was open for this ticket already
    await clerk.at("cash.hand_over: enter", "result: enter")
    await clerk.home()
    assert of_first(clerk, credit) == OF_BOTH
    sound(clerk)


@at_the_counter()
async def test_in_two_parts_and_no_more_than_the_till_took(clerk: SimClerk) -> None:
    """The till tells of 900, and took 600."""
    credit = await credit_for_a_cup(clerk, IN_CASH)
    await taken(clerk, credit, 600)
    await buy(clerk, credit, 900)
    for amount in ("400", "enter"):
        await bring_back(clerk, amount="4 0 0 enter" if amount == "400" else amount)
        await clerk.approve()
        await clerk.at("exchange.back: enter")
        await clerk.pay_out()
        await clerk.at("cash.hand_over: enter", "result: enter")
        await clerk.home()
    assert [done for _, _, done in of_first(clerk, credit)] == [400, 200]
    clerk.scan("POT")
    await clerk.at("sale: enter", "failure")
    await clerk.home()
    assert sum(done for _, _, done in of_pot(clerk)) == 600
    sound(clerk)
    (told,) = overview(clerk.site.ledger.db)["exchange_credits"]
    assert [one["amount"] for one in told["reopened"]] == [400, 200]


@at_the_counter()
async def test_cancelled_before_nothing_is_opened_and_after_it_is_to_do(clerk: SimClerk) -> None:
    credit = await credit_for_a_cup(clerk, IN_CASH)
    await taken(clerk, credit, 900)
    await buy(clerk, credit, 900)
    await bring_back(clerk)
    await clerk.approve()
    await clerk.at("exchange.back: cancel")
    await clerk.home()
    assert (of_pot(clerk), legs(clerk, credit)) == ([], [(900, 0, 0)])
    assert "left to do" not in clerk.text
    await bring_back(clerk)
    await clerk.approve()
    await clerk.at("exchange.back: enter", "refund.confirm")
    clerk.site.terminal.kill()
    await clerk.site.revive()
    await clerk.wait_for_life()
    await clerk.log_in()
    assert legs(clerk, credit) == [(0, 0, 900)]
    await clerk.home()
    await clerk.wait_text("1 left to do")
    await clerk.at(": menu", "menu: 3", "menu.to_do: 6", "ticket.todo: 1", "ticket.left: enter")
    await clerk.pay_out()
    await clerk.at("cash.hand_over: enter", "result: enter")
    await clerk.home()
    assert legs(clerk, credit) == [(900, 0, 0)]
    sound(clerk)


SAYS = {
    Language.ZH_CN: ("其余金额处理中", "款项待退", "款项留在首笔交易"),
    Language.EN: ("in progress", "Goods back: to give back", "Left with the first sale"),
}


@pytest.mark.parametrize("language", Language)
def test_killed_before_it_was_paid_receipt_and_credit_say_so_and_lead_to_it(
    language: Language,
) -> None:
    """Withdrawn, they say in which sale the money is, until that one gave it back."""

    @at_the_counter(Setting(language=language))
    async def story(clerk: SimClerk) -> None:
        in_progress, *wheres = SAYS[language]
        to_do, stays = (f"{one} ¥9.00" for one in wheres)
        stays_in = f"{wheres[1]} GOODS"
        credit = await credit_for_a_cup(clerk, IN_CASH)
        await taken(clerk, credit, 900)
        await buy(clerk, credit, 900)
        await bring_back(clerk)
        await clerk.approve()
        await clerk.at("exchange.back: enter", "refund.confirm")
        clerk.site.terminal.kill()
        await clerk.site.revive()
        await clerk.wait_for_life()
        await clerk.log_in()
        await clerk.home()
        clerk.scan(credit.number)
        await clerk.wait("exchange.credit")
        assert to_do in one_line(clerk)
        await clerk.at("exchange.credit: 1", "ticket.left: cancel")
        await clerk.home()
        clerk.scan("POT")
        await clerk.wait("sale")
        assert in_progress in one_line(clerk)
        assert to_do in one_line(clerk)
        await clerk.at("sale: menu", "sale.more: 7", "ticket.left: menu", "ticket.withdraw")
        assert stays_in in one_line(clerk)
        await clerk.at("ticket.withdraw: enter")
        await clerk.home()
        clerk.scan(credit.number)
        await clerk.wait("exchange.credit_closed")
        assert stays in one_line(clerk)
        await clerk.home()
        clerk.scan("POT")
        await clerk.wait("sale")
        assert stays in one_line(clerk)
        assert "GOODS" in one_line(clerk)
        await clerk.home()
        await bring_back(clerk, "GOODS")
        await clerk.approve()
        await clerk.pay_out()
        await clerk.at("cash.hand_over: enter", "result: enter")
        await clerk.home()
        clerk.scan("POT")
        await clerk.wait("sale")
        assert stays not in one_line(clerk)
        sound(clerk)

    story()


@at_the_counter()
async def test_the_second_of_two_sales_names_its_goods_though_the_credit_has_too_little(
    clerk: SimClerk,
) -> None:
    """Taken 9.00; of 7.00 and 6.00 that tills tell, by ENTER alone: 2.00 for the second's pots, of
    which 4.00 stay owed."""
    credit = await credit_for_a_cup(clerk, IN_CASH)
    await taken(clerk, credit, 900)
    await buy(clerk, credit, 700, name="N1")
    await buy(clerk, credit, 600, name="N2")
    clerk.scan("N1")
    await clerk.at("sale: menu", "sale.more: 1", "sale: enter", "refund.amount: enter")
    await clerk.at("refund.reason: 4", "ticket.plan")
    clerk.scan("N2")
    await clerk.at("sale: enter", "refund.amount: enter", "refund.reason: 4", "ticket.plan: enter")
    await clerk.approve()
    await clerk.at("exchange.back: enter")
    await clerk.approve()  # tills tell more than was taken
    await clerk.at("exchange.back: enter")
    await clerk.approve()
    await clerk.wait("refund.confirm", "cash.hand_over")
    sale = clerk.site.ledger.sales.by_id("N2")
    assert sale is not None
    (asked,) = [
        one
        for one in map(clerk.site.ledger.applications.by_number, range(1, 9))
        if one is not None and one.sale_key == sale.key
    ]
    assert [line.returned for line in sale.lines] == [2_000]
    assert (asked.amount, asked.owed) == (200, 400)
    assert [(item.quantity, item.amount) for item in asked.items] == [(2_000, 200)]
