"""An invoice (发票) of which a till tells after something was approved, and before its money goes
(R69)."""

from __future__ import annotations

import json
from typing import Any, Final

import pytest
from hw_sim.bench.feed import feed_record
from hw_sim.proofs.simulation.clerk import SimClerk
from hw_sim.proofs.simulation.site import Setting
from worlds.counter import CASH, at_the_counter, report, sell
from worlds.credit_counter import CUP, IN_CASH, credit_for_a_cup, now, refunds, sound, taken

from pos_terminal.core.exchange_credit import CreditState
from pos_terminal.core.invoice import Answered, InvoiceBack
from pos_terminal.core.refund import Kind, State
from pos_terminal.texts import Language

OUT: Final = {"invoice": "issued", "invoice_no": "24312000000012345678"}
TWO_WAYS: Final = ({"kind": "cash", "amount": 500}, {"kind": "points", "amount": 400})
BY_RULE: Final = Setting(language=Language.EN, policy={"supervisor": "by-rule"})


async def told(clerk: SimClerk, name: str = "GOODS", *tenders: dict[str, Any]) -> None:
    """The till tells the sale again, with its invoice."""
    clerk.site.invoices.told.add(name)
    await sell(clerk, name, *(tenders or (IN_CASH,)), lines=[CUP], **(CASH | OUT))


def answers(clerk: SimClerk) -> list[InvoiceBack | None]:
    """Of what something went back by, in its order."""
    applications = clerk.site.ledger.applications
    found = (applications.by_number(one.application) for one in clerk.site.ledger.refunds.recent(9))
    return [one.invoice for one in reversed(list(found)) if one is not None]


async def two_ways(clerk: SimClerk) -> None:
    await sell(clerk, "GOODS", *TWO_WAYS, lines=[CUP], **CASH)
    await clerk.log_in()
    clerk.scan("GOODS")
    await clerk.at("sale: enter", "refund.amount: enter", "refund.reason: 4", "ticket.plan: enter")


async def all_of_it(clerk: SimClerk) -> None:
    """In points and in cash."""
    await clerk.at("refund.confirm: enter", "result: enter")
    await clerk.pay_out()
    await clerk.at("cash.hand_over: enter", "result: enter")
    await clerk.home()


@at_the_counter()
async def test_of_goods_that_are_changed_at_the_supervisor(clerk: SimClerk) -> None:
    """By the menu key, of a plan that nobody was asked about before."""
    await two_ways(clerk)
    await clerk.wait("supervisor.number")
    await told(clerk, "GOODS", *TWO_WAYS)
    await clerk.at("supervisor.number: menu", "goods.line: menu", "invoice.ask: 3")
    await clerk.wait("supervisor.number")
    assert "either back nor red-letter" in clerk.text
    await clerk.approve()
    await all_of_it(clerk)
    assert answers(clerk) == [InvoiceBack(Answered.NEITHER)] * 2
    sound(clerk)


@at_the_counter()
async def test_of_a_plan_that_was_approved_already(clerk: SimClerk) -> None:
    """Nothing goes out by it; gone on with, it is asked about, and a supervisor once more."""
    await two_ways(clerk)
    await clerk.wait("supervisor.number")
    await told(clerk, "GOODS", *TWO_WAYS)
    await clerk.approve()
    for _ in TWO_WAYS:
        await clerk.at("refund.confirm: enter", "ticket.failed")
        assert "The till has told of an invoice" in " ".join(clerk.text.split())
        await clerk.at(": enter")
    await clerk.at("ticket.left: enter")
    await clerk.home()
    assert clerk.site.ledger.refunds.recent(9) == []
    await clerk.at(": menu", "menu: 3", "menu.to_do: 6", "ticket.todo: 1", "ticket.left: enter")
    await clerk.at("invoice.ask: 3", "supervisor.number")
    assert "either back nor red-letter" in clerk.text
    await clerk.approve()
    await all_of_it(clerk)
    assert answers(clerk) == [InvoiceBack(Answered.NEITHER)] * 2
    sound(clerk)


@pytest.mark.parametrize("answer", [Answered.RETURNED, Answered.NEITHER])
def test_between_a_credit_and_its_rest(answer: Answered) -> None:
    """Returned nobody else is asked; where it stays out a supervisor is."""

    @at_the_counter(BY_RULE)
    async def story(clerk: SimClerk) -> None:
        await sell(clerk, "GOODS", IN_CASH, lines=[CUP], **CASH)
        await clerk.log_in()
        clerk.scan("GOODS")
        await clerk.at("sale: menu", "sale.more: 5", "refund.reason: 4", "goods.scan: menu")
        await clerk.at("exchange.as_credit: enter", "result: enter")
        await clerk.home()
        (credit,) = clerk.site.ledger.exchange_credits.open_ones()
        await told(clerk)
        clerk.scan(credit.number)
        await clerk.at("exchange.credit: 1", "invoice.ask: cancel")
        await clerk.home()
        assert now(clerk, credit).state is CreditState.OPEN
        clerk.scan(credit.number)
        if answer is Answered.RETURNED:
            await clerk.at("exchange.credit: 1", "invoice.ask: 1", "exchange.rest_back: enter")
        else:
            await clerk.at("exchange.credit: 1", "invoice.ask: 3", "supervisor.number")
            assert "either back nor red-letter" in clerk.text
            await clerk.approve()
        await clerk.pay_out()
        await clerk.at("cash.hand_over: enter", "result: enter")
        await clerk.home()
        assert refunds(clerk, credit)[-1] == (Kind.CASH, State.HANDED_OVER, 900)
        assert answers(clerk) == [None, InvoiceBack(answer)]
        sound(clerk)

    story()


@at_the_counter()
async def test_what_was_said_when_the_credit_was_made_stands(clerk: SimClerk) -> None:
    await told(clerk)
    await clerk.log_in()
    clerk.scan("GOODS")
    await clerk.at("sale: menu", "sale.more: 5", "refund.reason: 4", "goods.scan: menu")
    await clerk.at("invoice.ask: 1", "exchange.as_credit: enter")
    await clerk.approve()
    await clerk.at("result: enter")
    await clerk.home()
    (credit,) = clerk.site.ledger.exchange_credits.open_ones()
    clerk.scan(credit.number)
    await clerk.at("exchange.credit: 1", "supervisor.number")
    await clerk.approve()
    await clerk.pay_out()
    await clerk.at("cash.hand_over: enter", "result: enter")
    await clerk.home()
    assert answers(clerk) == [InvoiceBack(Answered.RETURNED)] * 2
    sound(clerk)


@at_the_counter()
async def test_between_a_credit_and_goods_that_it_bought(clerk: SimClerk) -> None:
    """Of the first sale, by which the money goes back; who approved the return knew nothing of
    it."""
    credit = await credit_for_a_cup(clerk, IN_CASH)
    await taken(clerk, credit, 900)
    pot = {"sku": "12", "name": "Pot", "quantity": 1, "unit_price": 900}
    by_credit = {"kind": "exchange", "amount": 900, "exchange_no": credit.number}
    await sell(clerk, "POT", by_credit, lines=[pot], **CASH)
    await told(clerk)
    clerk.scan("POT")
    await clerk.at("sale: enter", "refund.amount: enter", "refund.reason: 4")
    await clerk.approve()
    await clerk.at("invoice.ask: 3", "exchange.back: enter", "supervisor.number")
    assert "either back nor red-letter" in clerk.text
    await clerk.approve()
    await clerk.pay_out()
    await clerk.at("cash.hand_over: enter", "result: enter")
    await clerk.home()
    assert refunds(clerk, credit)[-1] == (Kind.CASH, State.HANDED_OVER, 900)
    assert answers(clerk) == [None, None, InvoiceBack(Answered.NEITHER)]
    sound(clerk)


@at_the_counter()
async def test_of_what_goes_by_a_form_in_the_end(clerk: SimClerk) -> None:
    """The card was called stolen: the key that leads to the form asks first."""
    sale = clerk.site.shop.sale("visa-older")
    clerk.site.acquirer.set_mode("code:43", 1)
    await clerk.log_in()
    clerk.scan(sale.receipt_no)
    await clerk.at("sale: enter", "refund.amount: 1 0 0 enter", "refund.reason: 4")
    await clerk.approve()
    await clerk.wait("card.present")
    clerk.tap("visa")
    await clerk.wait("card.remove", "result")
    record = feed_record(sale, lambda _: "", "") | OUT
    for tender in record["tenders"]:  # the card is known from the first record
        for name in [one for one in tender if one.startswith("token")]:
            del tender[name]
    clerk.site.invoices.told.add(sale.sale_id)
    await report(clerk, json.dumps(record))
    clerk.take_away()
    await clerk.at("result: menu", "invoice.ask: 1")
    await clerk.approve()
    await clerk.pay_out()
    await clerk.at("result: enter")
    await clerk.home()
    assert answers(clerk) == [None, InvoiceBack(Answered.RETURNED)]
    sound(clerk)
