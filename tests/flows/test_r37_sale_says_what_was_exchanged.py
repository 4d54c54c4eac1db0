"""The sale's screen says what of it stands on an exchange credit, and what the customer has in
place of what was sold (R6, R37)."""

from __future__ import annotations

import pytest
from hw_sim.proofs.simulation.clerk import SimClerk
from worlds.counter import CASH, NEVER, at_the_counter, in_each_language, one_line, sell
from worlds.credit_counter import BY_WALLET, IN_CASH, credit_for_a_cup, refunds, sound, taken

from pos_terminal.core.refund import Kind, State
from pos_terminal.texts import Language

LANGUAGES = pytest.mark.parametrize("language", Language)
SHIRT = {"sku": "S-M", "name": "Shirt M", "quantity": 2, "unit_price": 900, "barcodes": ["6901"]}
OTHER = SHIRT | {"sku": "S-L", "name": "Shirt L", "quantity": 1, "barcodes": ["6902"]}


@LANGUAGES
@in_each_language()
async def test_what_stands_on_a_credit_is_not_called_refunded(
    clerk: SimClerk, language: Language
) -> None:
    """Who lost the paper and shows the receipt is not sent away: the list leads to the credit."""
    credit = await credit_for_a_cup(clerk, IN_CASH)
    await taken(clerk, credit, 600)
    clerk.scan("GOODS")
    await clerk.wait("sale")
    chinese = language is Language.ZH_CN
    shown = one_line(clerk)
    assert ("余额在换货券上" if chinese else "on an exchange credit") in shown
    assert ("换货券未结 ¥3.00" if chinese else "On an exchange credit ¥3.00") in shown
    assert ("已退 ¥6.00" if chinese else "Refunded ¥6.00") in shown
    assert ("处理中" if chinese else "In progress") not in shown
    await clerk.at("sale: enter", "failure")
    assert ("菜单 6" if chinese else "MENU 6") in one_line(clerk)
    await clerk.home()
    clerk.scan("GOODS")
    await clerk.at("sale: menu", "sale.more: 6", "exchange.credit: 1")
    await clerk.approve()
    await clerk.pay_out()
    await clerk.at("cash.hand_over: enter", "result: enter")
    await clerk.home()
    assert refunds(clerk, credit)[-1] == (Kind.CASH, State.HANDED_OVER, 300)
    clerk.scan("GOODS")
    await clerk.wait("sale")
    assert ("已全额退款" if chinese else "nothing is left") in one_line(clerk)
    await clerk.at("sale: menu", "sale.more")
    assert ("换货券" if chinese else "Exchange credit") not in clerk.text
    await clerk.home()
    sound(clerk)


@at_the_counter(NEVER)
async def test_what_is_on_its_way_is_not_called_refunded(clerk: SimClerk) -> None:
    """By a form of which nobody has said yet that it was carried out."""
    await sell(clerk, "GOODS", BY_WALLET, **CASH)
    await clerk.log_in()
    clerk.scan("GOODS")
    await clerk.at("sale: enter", "refund.amount: enter", "refund.reason: 4")
    await clerk.approve()
    await clerk.pay_out()
    await clerk.at("result: enter")
    await clerk.home()
    clerk.scan("GOODS")
    await clerk.wait("sale")
    assert "Not eligible: the rest is in progress In progress" not in one_line(clerk)
    assert "Not eligible: the rest is in progress" in one_line(clerk)
    assert "In progress ¥9.00" in one_line(clerk)


@LANGUAGES
@in_each_language()
async def test_what_the_customer_has_stands_beneath_what_was_sold(
    clerk: SimClerk, language: Language
) -> None:
    await sell(clerk, "OTHER", IN_CASH, lines=[OTHER], **CASH)
    await sell(clerk, "GOODS", IN_CASH | {"amount": 1_800}, lines=[SHIRT], **CASH)
    await clerk.log_in()
    clerk.scan("GOODS")
    await clerk.at("sale: menu", "sale.more: 5", "refund.lines: 1", "refund.quantity: 1 enter")
    await clerk.at("refund.lines: menu", "refund.reason: 4", "goods.scan")
    clerk.scan("6902")
    await clerk.wait("exchange.price", "supervisor.number")
    if clerk.prompt == "exchange.price":
        await clerk.at("exchange.price: 900 enter")
    await clerk.approve()
    await clerk.at("result: enter")
    await clerk.home()
    clerk.scan("GOODS")
    await clerk.wait("sale")
    says = {Language.ZH_CN: "已换成 Shirt L ×1", Language.EN: "exchanged for Shirt L ×1"}
    assert f"Shirt M ×2 18.00 {says[language]}" in one_line(clerk)
    await clerk.at("sale: enter", "refund.amount: menu", "refund.lines")
    assert "Shirt L" in clerk.text


@LANGUAGES
@in_each_language(policy={"supervisor": "by-rule"})
async def test_how_much_was_exchanged_for_the_same_goods(
    clerk: SimClerk, language: Language
) -> None:
    """Whoever exchanges one receipt again and again is seen, though the customer has as many."""
    says = {Language.ZH_CN: "已换同样商品 ×{}", Language.EN: "exchanged for the same ×{}"}
    await sell(clerk, "SHIRTS", IN_CASH | {"amount": 1_800}, lines=[SHIRT], **CASH)
    await clerk.log_in()
    for times in range(3):
        clerk.scan("SHIRTS")
        await clerk.wait("sale")
        for count in range(1, 4):
            assert (says[language].format(count) in one_line(clerk)) == (count == times)
        await clerk.at("sale: menu", "sale.more: 5", "refund.lines")
        clerk.scan("6901")
        await clerk.at("refund.lines: menu", "refund.reason: 1", "goods.scan")
        clerk.scan("6901")
        await clerk.at("exchange.even: enter", "result: enter")
        await clerk.home()
