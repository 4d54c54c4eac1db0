"""Goods that an exchange credit paid for: what is asked about them, and of the first sale (R37)."""

from __future__ import annotations

import asyncio

from hw_sim.proofs.simulation.clerk import SimClerk
from hw_sim.proofs.simulation.site import Setting
from worlds.counter import CASH, at_the_counter, sell
from worlds.credit_counter import (
    BY_WALLET,
    IN_CASH,
    bring_back,
    buy,
    credit_for_a_cup,
    credit_of_line,
    of_first,
    sound,
    taken,
)

from pos_terminal.core.invoice import Answered, InvoiceBack
from pos_terminal.core.refund import Kind, State
from pos_terminal.core.voucher import draw_number
from pos_terminal.ports import Taking
from pos_terminal.services.proof.verify import verify_store
from pos_terminal.texts import Language

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


@at_the_counter(
    Setting(language=Language.EN, rules={"window": {"free_days": 6, "supervisor_days": 6}})
)
async def test_to_its_form_nobody_is_asked_again_about_goods_either(clerk: SimClerk) -> None:
    """The first sale's window ended while its goods were the shop's already; its card was called
    stolen since."""
    credit = await credit_of_line(clerk, "visa-older")
    await taken(clerk, credit, credit.amount)
    await buy(clerk, credit, credit.amount)
    await asyncio.sleep(6 * 86_400)
    clerk.site.acquirer.set_mode("code:43", 1)
    await clerk.home()
    await bring_back(clerk)
    await clerk.approve()
    await clerk.at("exchange.back: enter", "card.present")
    clerk.tap("visa")
    await clerk.wait("result")
    clerk.take_away()
    await clerk.at("result: menu")
    await clerk.approve()
    await clerk.pay_out()
    await clerk.at("result: enter")
    await clerk.home()
    assert [one[:2] for one in of_first(clerk, credit)][-1] == (Kind.MANUAL, State.FORM_PRINTED)
    sound(clerk)
