"""Goods that an exchange credit paid for come back: what it spent goes back as the first sale was
paid (R37)."""

from __future__ import annotations

from typing import Any

import pytest
from hw_sim.proofs.simulation.clerk import SimClerk
from hw_sim.proofs.simulation.site import Setting
from worlds.counter import CASH, at_the_counter, sell
from worlds.credit_counter import (
    BY_WALLET,
    IN_CASH,
    credit_for_a_cup,
    credit_of_line,
    legs,
    sound,
    taken,
)

from pos_terminal.core.exchange_credit import ExchangeCredit
from pos_terminal.core.invoice import Answered, InvoiceBack
from pos_terminal.core.print_job import UNPRINTED
from pos_terminal.core.refund import Kind, State
from pos_terminal.core.voucher import draw_number
from pos_terminal.ports import Taking
from pos_terminal.services.ledger.overview import overview
from pos_terminal.services.proof.verify import verify_store
from pos_terminal.texts import Language


async def buy(
    clerk: SimClerk, credit: ExchangeCredit, amount: int, *beside: dict[str, Any], name: str = "POT"
) -> None:
    """The till tells of two pots, of which the credit paid so much."""
    whole = amount + sum(one["amount"] for one in beside)
    line = {"sku": "12", "name": "Pot", "quantity": 2, "unit_price": whole // 2}
    tenders = [{"kind": "exchange", "amount": amount, "exchange_no": credit.number}, *beside]
    await sell(clerk, name, *tenders, lines=[line], **CASH)


async def bring_back(clerk: SimClerk, name: str = "POT", amount: str = "enter") -> None:
    """From the scan to the supervisor's yes."""
    clerk.scan(name)
    await clerk.at("sale: enter")
    await clerk.at(f"refund.amount: {amount}")
    await clerk.at("refund.reason: 4")


def of_pot(clerk: SimClerk, name: str = "POT") -> list[tuple[Kind, State, int]]:
    sale = clerk.site.ledger.sales.by_id(name)
    assert sale is not None
    return [(one.kind, one.state, one.done) for one in clerk.site.ledger.refunds.of_sale(sale.key)]


def of_first(clerk: SimClerk, credit: ExchangeCredit) -> list[tuple[Kind, State, int]]:
    """What went back of the sale that the credit stands on, but for what the till took."""
    found = clerk.site.ledger.refunds.of_sale(credit.sale_key)
    return [(one.kind, one.state, one.done) for one in found if one.kind != Kind.EXCHANGE_CREDIT]


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
    half = {"kind": "cash", "amount": 500}
    credit = await credit_for_a_cup(clerk, BY_WALLET | {"amount": 400}, half)
    await taken(clerk, credit, 900)
    await buy(clerk, credit, 900, {"kind": "cash", "amount": 100})
    await bring_back(clerk)
    await clerk.at("ticket.plan: enter")
    await clerk.approve()
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
    assert of_first(clerk, credit) == [
        (Kind.MANUAL, State.FORM_PRINTED, 0),
        (Kind.CASH, State.HANDED_OVER, 500),
    ]
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


BY_RULE = Setting(language=Language.EN, policy={"supervisor": "by-rule"})


TWO_A_DAY = {"daily": {"clerk_count": 2}}


@at_the_counter(Setting(language=Language.EN, policy={"supervisor": "by-rule", "rules": TWO_A_DAY}))
async def test_nobody_is_asked_again_about_goods_that_were_judged(clerk: SimClerk) -> None:
    """The first sale's window is over, of which a supervisor was asked; the other's is not. Nor
    where it is gone on with after another refund, beyond what the day has room for."""
    credit = await credit_for_a_cup(clerk, IN_CASH, sold_at="2026-09-20T10:00:00+08:00")
    await taken(clerk, credit, 900)
    await buy(clerk, credit, 900)
    await bring_back(clerk)
    await clerk.at("exchange.back: enter", "refund.confirm: cancel", "ticket.left: enter", "home")
    await sell(clerk, "OTHER", {"kind": "cash", "amount": 900}, **CASH)
    await bring_back(clerk, "OTHER")
    await clerk.at("refund.confirm: enter", "cash.hand_over: enter", "result: enter", "home")
    await clerk.at(": menu", "menu: 3", "menu.to_do: 6", "ticket.todo: 1", "ticket.left: enter")
    await clerk.at("refund.confirm: enter", "cash.hand_over: enter", "result: enter")
    await clerk.home()
    assert of_first(clerk, credit) == [(Kind.CASH, State.HANDED_OVER, 900)]
    sound(clerk)


@at_the_counter(BY_RULE)
async def test_what_is_against_the_first_payment_alone_is_asked_for(clerk: SimClerk) -> None:
    """Its voucher may be one of ours, misread. Its invoice was asked about for the credit."""
    home = clerk.site.terminal.config.terminal
    misread = draw_number(home.merchant_id, home.terminal_id)[:-1]
    paid = {"kind": "voucher", "amount": 900, "voucher_no": misread}
    credit = await credit_for_a_cup(clerk, paid, invoice="issued")
    await taken(clerk, credit, 900)
    await buy(clerk, credit, 900)
    await bring_back(clerk)
    await clerk.at("exchange.back: enter", "supervisor.number")
    await clerk.approve()
    await clerk.at("refund.confirm: enter", "result: enter")
    await clerk.home()
    assert of_first(clerk, credit) == [(Kind.CREDIT, State.ISSUED, 900)]
    goods, back = clerk.site.ledger.applications.of_ticket(credit.ticket + 1)
    assert (goods.invoice, back.invoice) == (None, InvoiceBack(Answered.RETURNED))
    approvals = clerk.site.ledger.applications.approvals
    assert (len(approvals(goods.number)), len(approvals(back.number))) == (0, 1)
    verify_store(clerk.site.ledger)


@at_the_counter()
async def test_paid_by_a_voucher_at_first_it_goes_back_to_a_new_one(clerk: SimClerk) -> None:
    """What the credit spent of it is gone of it until then."""
    await clerk.log_in()
    await sell(clerk, "FIRST", {"kind": "voucher", "amount": 900, "voucher_no": "2900017"}, **CASH)
    await bring_back(clerk, "FIRST")
    await clerk.approve()
    await clerk.at("refund.confirm: enter", "result: enter")
    await clerk.home()
    vouchers = clerk.site.ledger.vouchers
    voucher = vouchers.of_refund(clerk.site.ledger.refunds.recent(1)[0].refund_id)
    assert voucher is not None
    await vouchers.redeem(Taking(voucher.number, 900, request="till-2/1"))
    paid = {"kind": "voucher", "amount": 900, "voucher_no": voucher.number}
    credit = await credit_for_a_cup(clerk, paid, logged_in=True)
    await taken(clerk, credit, 900)
    await buy(clerk, credit, 900)
    await bring_back(clerk)
    await clerk.approve()
    await clerk.at("exchange.back: enter", "refund.confirm: enter", "result: enter")
    await clerk.home()
    assert of_first(clerk, credit) == [(Kind.CREDIT, State.ISSUED, 900)]
    sound(clerk)


@at_the_counter()
async def test_what_a_credit_paid_is_set_aside_for_no_other(clerk: SimClerk) -> None:
    """Nor is what was paid beside it: the goods would be back, and their money owed. Who has a gift
    receipt gets none at all."""
    credit = await credit_for_a_cup(clerk, IN_CASH)
    await taken(clerk, credit, 900)
    told = {"kind": "exchange", "amount": 900, "exchange_no": credit.number}
    beside = BY_WALLET | {"amount": 200}, {"kind": "cash", "amount": 100}
    pot = {"sku": "12", "name": "Pot", "quantity": 1, "unit_price": 1_200}
    await sell(clerk, "POT", told, *beside, lines=[pot], gift_receipt_no="GIFT-9", **CASH)
    clerk.scan("GIFT-9")
    await clerk.at("sale: menu", "sale.more")
    assert " 5 " not in clerk.text
    await clerk.home()
    clerk.scan("POT")
    await clerk.at("sale: menu", "sale.more")
    assert " 5 " in clerk.text
    await clerk.at(": 5", "refund.reason: 4", "goods.scan: menu", "failure")
    await clerk.home()
    assert list(clerk.site.ledger.exchange_credits.open_ones()) == []
    sound(clerk)
