"""A typed amount says nothing of goods: the clerk does, and the answer is stored (R11).

The figures: three teas of 15.00 and a cup of 9.00, 54.00 in cash.
"""

from __future__ import annotations

from typing import Any

import pytest
from hw_sim.proofs.simulation.clerk import SimClerk
from hw_sim.proofs.simulation.site import Setting
from msgspec.structs import replace
from worlds.counter import CASH, at_the_counter, sell

from pos_terminal.core.goods_back import GoodsBack
from pos_terminal.core.items import Item
from pos_terminal.core.looked import Deducted, Disposition, Looked
from pos_terminal.core.refund import Kind
from pos_terminal.core.ticket import PlannedLeg, plan_digest
from pos_terminal.ports import Application
from pos_terminal.services.proof.verify import verify_store
from pos_terminal.texts import Language

TEA: dict[str, Any] = {"sku": "9", "name": "Tea", "quantity": 3, "unit_price": 1_500}
CUP: dict[str, Any] = {"sku": "11", "name": "Cup", "quantity": 1, "unit_price": 900}
BY_POST: dict[str, Any] = {
    "sku": "", "name": "Delivery", "quantity": 1, "unit_price": 600, "kind": "fee"
}  # fmt: skip
EN = Setting(language=Language.EN)
ONCE = Setting(language=Language.EN, policy={"inspection": "once"})


async def sold(clerk: SimClerk, *lines: dict[str, Any], amount: int = 5_400) -> None:
    goods = list(lines or (TEA, CUP))
    await sell(clerk, "GOODS", {"kind": "cash", "amount": amount}, lines=goods, **CASH)
    await clerk.log_in()
    clerk.scan("GOODS")
    await clerk.at("sale: enter")


async def at_the_reason(clerk: SimClerk, amount: str = "1 0 0 0") -> None:
    await clerk.at(f"refund.amount: {amount} enter", "refund.reason")


async def asked(clerk: SimClerk) -> None:
    await clerk.at("refund.reason: menu", "goods.or_note: 2", "goods.back")


async def paid_out(clerk: SimClerk) -> Application:
    await clerk.approve()
    await clerk.pay_out()
    await clerk.at("cash.hand_over: enter", "result")
    await clerk.home()
    return stored(clerk)


def stored(clerk: SimClerk) -> Application:
    verify_store(clerk.site.ledger)
    found = clerk.site.ledger.applications.by_number(1)
    assert found is not None
    return found


NOT_KNOWN = {Language.ZH_CN: ("商品", "不详"), Language.EN: ("Goods", "not known")}
NONE_CAME = {Language.ZH_CN: ("商品", "未退回"), Language.EN: ("Goods", "none came back")}


@pytest.mark.parametrize("language", Language)
def test_not_known_stands_proposed_and_takes_no_key(language: Language) -> None:
    @at_the_counter(Setting(language=language))
    async def story(clerk: SimClerk) -> None:
        await sold(clerk)
        await at_the_reason(clerk)
        assert all(word in clerk.text for word in NOT_KNOWN[language])
        await clerk.at("refund.reason: 4", "supervisor.number")
        assert all(word in clerk.text for word in NOT_KNOWN[language])
        application = await paid_out(clerk)
        assert application.goods_back is GoodsBack.UNKNOWN
        assert application.items == ()

    story()


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("reason", ["3", "5"])
def test_a_reason_proposes_that_nothing_came_back(reason: str, language: Language) -> None:
    @at_the_counter(Setting(language=language))
    async def story(clerk: SimClerk) -> None:
        await sold(clerk)
        await at_the_reason(clerk)
        beside = "未退回" if language is Language.ZH_CN else "None came back"
        assert clerk.text.count(beside) == 2, "beside each reason that means it"
        await clerk.at(f"refund.reason: {reason}", "supervisor.number")
        assert all(word in clerk.text for word in NONE_CAME[language])
        assert (await paid_out(clerk)).goods_back is GoodsBack.NONE

    story()


@at_the_counter(EN)
async def test_the_clerk_says_that_none_came_back(clerk: SimClerk) -> None:
    await sold(clerk)
    await at_the_reason(clerk)
    await asked(clerk)
    await clerk.at("goods.back: 1", "refund.reason: 4", "supervisor.number")
    assert "none came back" in clerk.text
    assert (await paid_out(clerk)).goods_back is GoodsBack.NONE


@at_the_counter(EN)
async def test_what_the_clerk_says_stands_above_what_a_reason_means(clerk: SimClerk) -> None:
    await sold(clerk)
    await at_the_reason(clerk)
    await asked(clerk)
    await clerk.at("goods.back: 3", "refund.reason")
    assert "came back" not in clerk.text
    await clerk.at("refund.reason: 3", "supervisor.number")
    assert (await paid_out(clerk)).goods_back is GoodsBack.UNKNOWN


@at_the_counter(EN)
async def test_these_goods_are_named_and_the_amount_stays(clerk: SimClerk) -> None:
    await sold(clerk)
    await at_the_reason(clerk)
    await asked(clerk)
    await clerk.at("goods.back: 2", "refund.lines: 1", "refund.quantity: 1 enter")
    await clerk.at("refund.lines: menu", "goods.deduct")
    assert all(one in clerk.text for one in ("15.00", "-¥5.00", "10.00"))
    await clerk.at("goods.deduct: 4", "refund.reason")
    assert "not known" not in clerk.text
    await clerk.at("refund.reason: 4", "supervisor.number")
    assert "As new: back to stock" in clerk.text
    assert "5.00 deducted: supervisor" in clerk.text
    application = await paid_out(clerk)
    assert (application.amount, application.goods_back) == (1_000, GoodsBack.NAMED)
    (item,) = application.items
    assert (item.line, item.quantity, item.amount, item.worth) == (1, 1_000, 1_000, 1_500)
    assert item.looked is not None
    assert (item.looked.deduction, item.looked.deducted_for) == (500, Deducted.AGREED)
    moved = [(one.line, one.quantity) for one in clerk.site.ledger.stock.after(0, 9)]
    assert moved == [(1, 1_000)]


@at_the_counter(EN)
async def test_goods_that_are_worth_less_are_not_taken_for_it(clerk: SimClerk) -> None:
    await sold(clerk)
    await at_the_reason(clerk)
    await asked(clerk)
    await clerk.at("goods.back: 2", "refund.lines: 2", "refund.quantity: enter")
    await clerk.at("refund.lines: menu", "goods.back")
    assert "9.00" in clerk.text
    await clerk.at("goods.back: 2", "refund.lines: 2", "refund.quantity: 0 enter")
    await clerk.at("refund.lines: menu", "goods.back")
    assert "No goods chosen" in clerk.text
    await clerk.at("goods.back: cancel", "refund.reason")
    assert "not known" in clerk.text, "as it was before"
    await clerk.at("refund.reason: 4", "supervisor.number")
    application = await paid_out(clerk)
    assert (application.amount, application.goods_back) == (1_000, GoodsBack.UNKNOWN)


@at_the_counter(ONCE)
async def test_goods_that_are_named_late_are_looked_at_all_the_same(clerk: SimClerk) -> None:
    await sold(clerk)
    await at_the_reason(clerk)
    await asked(clerk)
    await clerk.at("goods.back: 2", "refund.lines: 1", "refund.quantity: 1 enter")
    await clerk.at("refund.lines: menu", "goods.deduct: 1", "goods.condition: 2")
    await clerk.at("refund.reason: 4")
    await clerk.at("supervisor.number")
    assert "Opened: set aside" in clerk.text
    (item,) = (await paid_out(clerk)).items
    assert item.looked is not None
    assert item.looked.condition == "2"


@at_the_counter(EN)
async def test_all_of_a_sale_names_its_goods_and_asks_nothing(clerk: SimClerk) -> None:
    await sold(clerk)
    await clerk.at("refund.amount: enter", "refund.reason")
    assert "not known" not in clerk.text
    await clerk.at("refund.reason: 4", "supervisor.number")
    assert (await paid_out(clerk)).goods_back is GoodsBack.NAMED


LOOKS_BY_RULE = {"supervisor": "by-rule", "inspection": "each"}
NOT_LOOKED = {
    Language.ZH_CN: "不知退了哪些商品,未验收",
    Language.EN: "Goods not known: nobody looked at them",
}


@pytest.mark.parametrize("language", Language)
def test_where_goods_are_looked_at_not_known_asks_a_supervisor(language: Language) -> None:
    @at_the_counter(Setting(language=language, policy=LOOKS_BY_RULE))
    async def story(clerk: SimClerk) -> None:
        await sold(clerk)
        await at_the_reason(clerk, "5 3 9 9")
        await clerk.at("refund.reason: 4", "supervisor.number")
        assert NOT_LOOKED[language] in clerk.text
        assert (await paid_out(clerk)).goods_back is GoodsBack.UNKNOWN

    story()


async def nobody_is_asked(clerk: SimClerk) -> Application:
    await clerk.at("refund.confirm: enter", "cash.hand_over: enter", "result")
    await clerk.home()
    return stored(clerk)


@at_the_counter(Setting(language=Language.EN, policy=LOOKS_BY_RULE))
async def test_that_none_came_back_asks_nobody_there_where_the_reason_says_so(
    clerk: SimClerk,
) -> None:
    await sold(clerk)
    await at_the_reason(clerk)
    await asked(clerk)
    await clerk.at("goods.back: 1", "refund.reason: 3")
    assert (await nobody_is_asked(clerk)).goods_back is GoodsBack.NONE


@at_the_counter(Setting(language=Language.EN, policy=LOOKS_BY_RULE))
async def test_that_none_came_back_against_the_reason_asks_a_supervisor_there(
    clerk: SimClerk,
) -> None:
    await sold(clerk)
    await at_the_reason(clerk)
    await asked(clerk)
    await clerk.at("goods.back: 1", "refund.reason: 4", "supervisor.number")
    assert "Said not to be back, unlike the reason" in clerk.text


@at_the_counter(Setting(language=Language.EN, policy=LOOKS_BY_RULE))
async def test_these_goods_were_looked_at_and_ask_nobody_there(clerk: SimClerk) -> None:
    await sold(clerk)
    await at_the_reason(clerk, "1 5 0 0")
    await asked(clerk)
    await clerk.at("goods.back: 2", "refund.lines: 1", "refund.quantity: 1 enter")
    await clerk.at("refund.lines: menu", "goods.condition: 1", "refund.reason: 4")
    assert (await nobody_is_asked(clerk)).goods_back is GoodsBack.NAMED


@at_the_counter(Setting(language=Language.EN, policy={"supervisor": "by-rule"}))
async def test_where_nobody_looks_not_known_asks_nobody(clerk: SimClerk) -> None:
    await sold(clerk)
    await at_the_reason(clerk)
    await clerk.at("refund.reason: 4")
    assert (await nobody_is_asked(clerk)).goods_back is GoodsBack.UNKNOWN


@at_the_counter(EN)
async def test_a_sale_without_goods_has_no_answer(clerk: SimClerk) -> None:
    await sold(clerk, BY_POST, amount=600)
    await at_the_reason(clerk, "1 0 0")
    assert "not known" not in clerk.text
    await clerk.at("refund.reason: menu", "refund.note: enter", "refund.reason: 4")
    await clerk.at("supervisor.number")
    assert (await paid_out(clerk)).goods_back is None


@at_the_counter(EN)
async def test_each_payment_has_the_answer_and_the_supervisor_sees_it_once(clerk: SimClerk) -> None:
    points, cash = {"kind": "points", "amount": 400}, {"kind": "cash", "amount": 5_000}
    await sell(clerk, "GOODS", points, cash, lines=[TEA, CUP], **CASH)
    await clerk.log_in()
    clerk.scan("GOODS")
    await clerk.at("sale: enter")
    await at_the_reason(clerk)
    await asked(clerk)
    await clerk.at("goods.back: 1", "refund.reason: 4", "ticket.plan: enter", "supervisor.number")
    assert clerk.text.count("Goods: none came back") == 1
    answers = [one.goods_back for one in clerk.site.ledger.applications.of_ticket(1)]
    assert answers == [GoodsBack.NONE, GoodsBack.NONE]


BY_FORM = {"paid": "cash", "back": "manual", "exception": "account_closed", "evidence": False}


@at_the_counter(Setting(language=Language.EN, policy={"tenders": [BY_FORM]}))
async def test_another_way_asks_the_same(clerk: SimClerk) -> None:
    await sell(clerk, "GOODS", {"kind": "cash", "amount": 5_400}, lines=[TEA, CUP], **CASH)
    await clerk.log_in()
    clerk.scan("GOODS")
    await clerk.at("sale: menu", "sale.more: 3", "exception: 1")
    await clerk.at("refund.amount: 1 0 0 0 enter", "evidence.kind: menu", "refund.reason")
    assert "Goods: not known" in clerk.text
    await asked(clerk)
    await clerk.at("goods.back: 1", "refund.reason: 4", "supervisor.number")
    assert "Goods: none came back" in clerk.text
    assert stored(clerk).goods_back is GoodsBack.NONE


@at_the_counter(EN)
async def test_a_fee_alone_brings_no_goods_back(clerk: SimClerk) -> None:
    await sold(clerk, TEA, BY_POST, amount=5_100)
    await clerk.at("refund.amount: menu", "refund.lines: 2", "refund.quantity: enter")
    await clerk.at("refund.lines: menu", "refund.amount: enter", "refund.reason: 4")
    await clerk.at("supervisor.number")
    application = await paid_out(clerk)
    assert (application.amount, application.goods_back) == (600, GoodsBack.NONE)


async def to_the_plan(clerk: SimClerk, name: str) -> None:
    """All of a sale of several payments but a cent; the clerk says that no goods came back."""
    sale = clerk.site.shop.sale(name)
    await clerk.log_in()
    await clerk.find(sale)
    await clerk.at("sale: enter")
    if await clerk.wait("refund.leg", "refund.amount") == "refund.leg":
        clerk.press("3")
    await clerk.at(f"refund.amount: {sale.amount - 1} enter")
    await asked(clerk)
    await clerk.at("goods.back: 1", "refund.reason: 4", "ticket.plan: enter")
    await clerk.approve()


async def to_card(clerk: SimClerk, name: str) -> None:
    assert await clerk.show_card(name, tapped=False) == "result"
    clerk.press("enter")


def answers(clerk: SimClerk) -> list[tuple[str, GoodsBack | None]]:
    """Of each application of the ticket, and that no goods moved."""
    verify_store(clerk.site.ledger)
    assert clerk.site.ledger.stock.after(0, 9) == []
    numbers = range(1, 9)
    found = [clerk.site.ledger.applications.by_number(number) for number in numbers]
    return [(one.state.value, one.goods_back) for one in found if one is not None]


NONE = GoodsBack.NONE


@at_the_counter(EN)
async def test_what_the_acquirer_left_of_it_has_the_answer(clerk: SimClerk) -> None:
    await to_the_plan(clerk, "two-cards-older")
    clerk.site.acquirer.set_mode("partial:1000", 1)
    await to_card(clerk, "unionpay-debit")
    await to_card(clerk, "visa")
    await clerk.at("ticket.left: enter", "home")
    assert answers(clerk) == [("done", NONE), ("done", NONE), ("open", NONE)]
    clerk.press("menu", "3", "6")
    await clerk.at("ticket.todo: 1", "ticket.left: enter", "supervisor.number")
    assert clerk.text.count("Goods: none came back") == 1
    await clerk.approve()
    await to_card(clerk, "unionpay-debit")
    await clerk.home()
    assert answers(clerk) == [("done", NONE)] * 3


@at_the_counter(EN)
async def test_another_clerk_who_goes_on_with_it_has_the_answer(clerk: SimClerk) -> None:
    await to_the_plan(clerk, "split-today")
    await clerk.at("card.present: cancel", "refund.confirm: cancel", "ticket.left: enter")
    await clerk.at("home: menu", "menu: 5 1")
    await clerk.log_in(1)
    clerk.press("menu", "3", "6")
    await clerk.at("ticket.todo: 1", "ticket.left: enter")
    await to_card(clerk, "unionpay-debit")
    await clerk.at("refund.confirm: enter", "cash.hand_over: enter", "result: enter", "home")
    cancelled, done = ("cancelled", NONE), ("done", NONE)
    assert answers(clerk) == [cancelled, cancelled, done, done]


@at_the_counter(EN)
async def test_the_form_in_the_place_of_a_payment_has_the_answer(clerk: SimClerk) -> None:
    await to_the_plan(clerk, "split-today")
    clerk.site.acquirer.set_mode("code:57", 1)
    assert await clerk.show_card("unionpay-debit", tapped=False) == "result"
    await clerk.at("result: menu", "supervisor.number")
    assert clerk.text.count("Goods: none came back") == 1
    await clerk.approve()
    await clerk.at("refund.confirm: enter", "result: enter")
    await clerk.at("refund.confirm: enter", "cash.hand_over: enter", "result: enter", "home")
    assert {answer for _, answer in answers(clerk)} == {NONE}
    assert clerk.site.application(3).kind is Kind.MANUAL


@at_the_counter(EN)
async def test_who_approves_the_form_sees_the_goods_that_it_names(clerk: SimClerk) -> None:
    await clerk.log_in()
    await clerk.find(clerk.site.shop.sale("split-today"))
    await clerk.at("sale: enter", "refund.amount: enter", "refund.reason: 4")
    await clerk.at("ticket.plan: enter", "supervisor.number")
    assert clerk.text.count("As new: back to stock") == 1
    await clerk.approve()
    clerk.site.acquirer.set_mode("code:57", 1)
    assert await clerk.show_card("unionpay-debit", tapped=False) == "result"
    await clerk.at("result: menu", "supervisor.number")
    assert clerk.text.count("As new: back to stock") == 1


def test_what_is_approved_is_the_goods_that_move() -> None:
    """Named goods change the plan, and are approved anew; an answer that moves none does not."""
    item = Item(1, 1_000, 1_000, 1_500)
    whole = PlannedLeg(1, 1, Kind.CASH, 1_000)
    assert plan_digest([whole]) != plan_digest([replace(whole, items=(item,))])
    found = replace(item, looked=Looked("4", "1", Disposition.RESTOCK))
    named, other = replace(whole, items=(item,)), replace(whole, items=(found,))
    assert plan_digest([named]) != plan_digest([other])
