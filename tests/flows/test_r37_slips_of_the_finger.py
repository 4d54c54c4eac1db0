"""What a clerk or a customer would not understand of exchanges and their credits (R37)."""

from __future__ import annotations

import pytest
from hw_sim.bench import identity
from hw_sim.proofs.simulation.clerk import SimClerk
from worlds.counter import CASH, at_the_counter, in_each_language, one_line, report, sell, sold
from worlds.credit_counter import (
    BY_WALLET,
    CUP,
    IN_CASH,
    credit_for_a_cup,
    give_rest_back,
    taken,
)

from pos_terminal.core.receipt_code import encode
from pos_terminal.core.refund import Kind
from pos_terminal.texts import Language

LANGUAGES = pytest.mark.parametrize("language", Language)
TEA = {"sku": "9", "name": "Tea", "quantity": 1, "unit_price": 1_500}


async def to_the_price(clerk: SimClerk, code: str) -> None:
    await sell(clerk, "GOODS", IN_CASH, lines=[CUP], **CASH)
    await clerk.log_in()
    clerk.scan("GOODS")
    await clerk.at("sale: menu", "sale.more: 5", "refund.reason: 4", f"goods.scan: {code} enter")


@LANGUAGES
@in_each_language()
async def test_nothing_is_no_price(clerk: SimClerk, language: Language) -> None:
    says = {Language.ZH_CN: "价格必须大于零", Language.EN: "The price must be above zero"}
    await to_the_price(clerk, "6900000000017")
    await clerk.at("exchange.price: 0 enter")
    await clerk.wait_text(says[language])
    assert clerk.prompt == "exchange.price"


@at_the_counter()
async def test_a_stray_digit_is_no_goods_and_a_short_code_that_was_sold_is(
    clerk: SimClerk,
) -> None:
    await to_the_price(clerk, "3")
    await clerk.wait_text("No code of goods")
    assert clerk.prompt == "goods.scan"
    await clerk.at("goods.scan: 11 enter", "supervisor.number")


@LANGUAGES
@in_each_language()
async def test_goods_that_bring_too_little_stay_chosen(clerk: SimClerk, language: Language) -> None:
    """For an amount that was typed: one more is added to them."""
    says = {
        Language.ZH_CN: "退款金额大于所选商品金额 9.00",
        Language.EN: "The amount is above the goods: 9.00",
    }
    await sell(clerk, "GOODS", IN_CASH | {"amount": 2_400}, lines=[CUP, TEA], **CASH)
    await clerk.log_in()
    clerk.scan("GOODS")
    await clerk.at("sale: enter", "refund.amount: 1500 enter", "refund.reason: menu")
    await clerk.at("goods.or_note: 2", "goods.back: 2", "refund.lines: 1", "refund.quantity: enter")
    await clerk.at("refund.lines: menu", "goods.back")
    assert says[language] in one_line(clerk)
    await clerk.at("goods.back: 2", "refund.lines")
    assert "¥9.00" in clerk.text
    await clerk.at("refund.lines: 1", "refund.quantity: 0 enter")
    await clerk.at("refund.lines: 2", "refund.quantity: enter", "refund.lines: menu")
    await clerk.at("refund.reason: 4", "supervisor.number")


@at_the_counter()
async def test_of_which_the_till_took_nothing_it_says_nothing(clerk: SimClerk) -> None:
    credit = await credit_for_a_cup(clerk, IN_CASH)
    await give_rest_back(clerk, credit)
    await clerk.at("refund.confirm: cancel", "ticket.left: enter")
    await clerk.home()
    await clerk.at(": menu", "menu: 3", "menu.to_do: 6", "ticket.todo: 1", "ticket.left")
    assert "9.00" in clerk.text
    assert "Taken by the till" not in clerk.text
    assert "0.00" not in one_line(clerk).replace("9.00", "").split()


@at_the_counter()
async def test_the_merchants_slip_leads_to_what_of_the_credit_is_to_do(clerk: SimClerk) -> None:
    credit = await credit_for_a_cup(clerk, IN_CASH)
    (leg,) = clerk.site.ledger.exchange_credits.legs(credit.ticket)
    code = encode(Kind.EXCHANGE_CREDIT, identity.MERCHANT_ID, identity.TERMINAL_ID, leg.refund_id)
    clerk.scan(code)
    await clerk.wait("exchange.credit")
    await clerk.home()
    await give_rest_back(clerk, credit)
    await clerk.at("refund.confirm: cancel", "ticket.left: enter")
    await clerk.home()
    clerk.scan(code)
    await clerk.at("exchange.credit: 1", "ticket.left: enter")
    await clerk.pay_out()
    await clerk.at("cash.hand_over: enter", "result: enter")
    await clerk.home()
    clerk.scan(code)
    await clerk.wait("sale")


@LANGUAGES
@in_each_language()
async def test_what_is_deducted_stands_beside_the_reason(
    clerk: SimClerk, language: Language
) -> None:
    await sell(clerk, "GOODS", IN_CASH, lines=[CUP], **CASH)
    await clerk.log_in()
    clerk.scan("GOODS")
    await clerk.at("sale: menu", "sale.more: 5", "refund.reason: menu", "goods.or_note: 2")
    await clerk.at("goods.line: 3", "goods.deduct: 1", "goods.deduct_amount: 100 enter")
    await clerk.at("goods.line: menu", "refund.reason")
    says = {Language.ZH_CN: "-¥1.00 金额 ¥8.00", Language.EN: "-¥1.00 Amount ¥8.00"}
    assert says[language] in one_line(clerk)


@LANGUAGES
@in_each_language()
async def test_two_sales_that_name_one_credit_are_two_cases_with_their_numbers(
    clerk: SimClerk, language: Language
) -> None:
    credit = await credit_for_a_cup(clerk, IN_CASH)
    await taken(clerk, credit, 400)
    for name in ("FIRST", "SECOND"):
        by_credit = {"kind": "exchange", "amount": 400, "exchange_no": credit.number}
        await report(clerk, sold(name, by_credit, lines=[CUP | {"unit_price": 400}], **CASH))
    await clerk.at(": menu", "menu: 4", "menu.mistakes: 1", "case.list")
    assert "SECOND ¥4.00" in one_line(clerk), clerk.text


@at_the_counter()
async def test_the_credit_names_what_each_of_the_goods_brings_over_all_payments(
    clerk: SimClerk,
) -> None:
    """100.00 by wallet and 59.00 in cash: a shirt of 129.00, and a cup of 15.00 less 5.00."""
    wallet, notes = BY_WALLET | {"amount": 10_000}, IN_CASH | {"amount": 5_900}
    shirt = {"sku": "S", "name": "Shirt", "quantity": 1, "unit_price": 12_900}
    cups = TEA | {"name": "Cups", "quantity": 2}
    await sell(clerk, "GOODS", wallet, notes, lines=[shirt, cups], **CASH)
    await clerk.log_in()
    clerk.scan("GOODS")
    await clerk.at("sale: menu", "sale.more: 5", "refund.lines: 1", "refund.quantity: enter")
    await clerk.at("refund.lines: 2", "refund.quantity: 1 enter", "refund.lines: menu")
    await clerk.at("refund.reason: menu", "goods.or_note: 2", "goods.lines: 2", "goods.line: 3")
    await clerk.at("goods.deduct: 1", "goods.deduct_amount: 500 enter", "goods.line: menu")
    await clerk.at("goods.lines: menu", "refund.reason: 4", "exchange.as_credit: enter")
    await clerk.wait("supervisor.number")
    # both payments stand together, and the goods beneath them
    shown = one_line(clerk)
    assert shown.index("Wallet ¥100.00") < shown.index("Cash ¥39.00") < shown.index("Shirt")
    await clerk.approve()
    await clerk.at("result: enter")
    await clerk.home()
    for paper in clerk.papers[-2:]:
        text = " ".join(paper.split())
        assert "Shirt ×1 129.00" in text
        assert "Cups ×1 10.00" in text


@LANGUAGES
@in_each_language()
async def test_a_digit_that_leads_nowhere_with_this_sale_says_so(
    clerk: SimClerk, language: Language
) -> None:
    """With a gift receipt that there is store credit; else that it is not for this sale."""
    of_gift = {
        Language.ZH_CN: "凭礼品小票不换货,请发储值券",
        Language.EN: "Gift receipt: give store credit",
    }
    not_here = {Language.ZH_CN: "该交易不能办此项", Language.EN: "Not with this sale"}
    await sell(clerk, "GOODS", IN_CASH, lines=[CUP], gift_receipt_no="GIFT-1", **CASH)
    await clerk.log_in()
    clerk.scan("GIFT-1")
    await clerk.at("sale: menu", "sale.more: 5")
    await clerk.wait_text(of_gift[language])
    await clerk.home()
    clerk.scan("GOODS")
    await clerk.at("sale: menu", "sale.more: 6")
    await clerk.wait_text(not_here[language])
