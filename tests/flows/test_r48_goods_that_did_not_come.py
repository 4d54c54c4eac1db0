"""A reason by which nothing comes back moves no goods, though it names them (R48).

The figures: three teas of 15.00, a cup of 9.00, and a delivery of 6.00: 60.00 in cash.
"""

from __future__ import annotations

from typing import Any

import pytest
from hw_sim.proofs.simulation.clerk import SimClerk
from hw_sim.proofs.simulation.site import Setting
from worlds.counter import CASH, at_the_counter, explained, sell

from pos_terminal.core.goods_back import GoodsBack
from pos_terminal.core.looked import Disposition
from pos_terminal.ports import Application
from pos_terminal.services.ledger.overview import overview
from pos_terminal.services.proof.verify import verify_store
from pos_terminal.texts import Language

TEA: dict[str, Any] = {"sku": "9", "name": "Tea", "quantity": 3, "unit_price": 1_500}
CUP: dict[str, Any] = {"sku": "11", "name": "Cup", "quantity": 1, "unit_price": 900}
BY_POST: dict[str, Any] = {
    "sku": "", "name": "Delivery", "quantity": 1, "unit_price": 600, "kind": "fee"
}  # fmt: skip
EN = Setting(language=Language.EN)
BY_RULE = Setting(language=Language.EN, policy={"supervisor": "by-rule"})


async def sold(clerk: SimClerk) -> None:
    lines = [TEA, CUP, BY_POST]
    await sell(clerk, "GOODS", {"kind": "cash", "amount": 6_000}, lines=lines, **CASH)
    await clerk.log_in()
    clerk.scan("GOODS")
    await clerk.at("sale: enter")


async def paid_out(clerk: SimClerk) -> Application:
    if clerk.prompt == "supervisor.number":
        await clerk.approve()
    await clerk.pay_out()
    await clerk.at("cash.hand_over: enter", "result")
    await clerk.home()
    return stored(clerk)


def stored(clerk: SimClerk, number: int = 1) -> Application:
    found = clerk.site.ledger.applications.by_number(number)
    assert found is not None
    return found


def moved(clerk: SimClerk) -> list[tuple[int | None, int, str, Disposition | None, str]]:
    verify_store(clerk.site.ledger)
    return [
        (one.line, one.quantity, one.condition, one.disposition, one.reason)
        for one in clerk.site.ledger.stock.after(0, 100)
    ]


def returned(clerk: SimClerk) -> list[int]:
    sale = clerk.site.ledger.sales.by_key(stored(clerk).sale_key)
    assert sale is not None
    return [line.quantity - line.remaining for line in sale.lines]


NONE_CAME = {Language.ZH_CN: "商品: 未退回", Language.EN: "Goods: none came back"}
ON_THE_SLIP = {Language.ZH_CN: "未退回", Language.EN: "Did not come back"}


EXPLAINED = {Language.ZH_CN: ", 未退回", Language.EN: ", did not come back"}


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("reason", ["3", "5"])
def test_all_of_a_sale_is_settled_and_no_goods_move(
    reason: str, language: Language, capsys: pytest.CaptureFixture[str]
) -> None:
    @at_the_counter(Setting(language=language))
    async def story(clerk: SimClerk) -> None:
        await sold(clerk)
        await clerk.at("refund.amount: enter", f"refund.reason: {reason}", "supervisor.number")
        assert clerk.text.count(NONE_CAME[language]) == 1
        application = await paid_out(clerk)
        assert (application.amount, application.goods_back) == (6_000, GoodsBack.NONE)
        assert moved(clerk) == []
        assert returned(clerk) == [3_000, 1_000, 1_000], "none of it can be returned again"
        for paper in clerk.papers:
            assert paper.count(ON_THE_SLIP[language]) == 2, "on both copies, not of the delivery"
        (listed,) = overview(clerk.site.ledger.db)["applications"]
        found = [(one["reason"], one["disposition"]) for one in listed["items"]]
        assert found == [(reason, None), (reason, None), ("", None)]
        told = explained(clerk, 1, language, capsys)
        assert told.count(EXPLAINED[language]) == 2
        assert NONE_CAME[language] in told

    story()


@at_the_counter(BY_RULE)
async def test_where_no_supervisor_comes_the_reason_says_so(clerk: SimClerk) -> None:
    await sold(clerk)
    await clerk.at("refund.amount: enter", "refund.reason")
    assert clerk.text.count("None came back") == 2
    await clerk.at("refund.reason: 3")
    assert (await paid_out(clerk)).goods_back is GoodsBack.NONE
    assert moved(clerk) == []
    clerk.scan("GOODS")
    await clerk.wait("sale", "failure", "refused")
    assert clerk.prompt != "sale" or "0.00" in clerk.text


@at_the_counter(EN)
async def test_goods_that_are_there_all_the_same_are_booked(clerk: SimClerk) -> None:
    """At the supervisor's number: the menu key, the cup, its condition."""
    await sold(clerk)
    await clerk.at("refund.amount: enter", "refund.reason: 3", "supervisor.number: menu")
    await clerk.at("goods.lines")
    assert clerk.text.count("None came back") == 2
    await clerk.at("goods.lines: 2", "goods.line: 1", "goods.condition: 1", "goods.line: menu")
    await clerk.at("goods.lines: menu", "supervisor.number")
    assert "None came back" in clerk.text
    assert "As new: back to stock" in clerk.text
    assert "Goods: none came back" not in clerk.text
    await paid_out(clerk)
    assert stored(clerk, 2).goods_back is GoodsBack.NAMED
    assert moved(clerk) == [(2, 1_000, "1", Disposition.RESTOCK, "3")]
    assert returned(clerk) == [3_000, 1_000, 1_000]


@at_the_counter(EN)
async def test_a_line_did_not_come_though_the_reason_supposes_it(clerk: SimClerk) -> None:
    await sold(clerk)
    await clerk.at("refund.amount: enter", "refund.reason: menu", "goods.or_note: 2")
    await clerk.at("goods.lines: 1", "goods.line: 1", "goods.condition: 5", "goods.line: 3")
    await clerk.wait_text("Not back: nothing to deduct")
    await clerk.at("goods.line: menu", "goods.lines: menu", "refund.reason: 4")
    await clerk.at("supervisor.number")
    application = await paid_out(clerk)
    assert application.goods_back is GoodsBack.NAMED
    assert moved(clerk) == [(2, 1_000, "1", Disposition.RESTOCK, "4")]


@at_the_counter(BY_RULE)
async def test_who_says_so_against_the_reason_is_not_alone(clerk: SimClerk) -> None:
    await sold(clerk)
    await clerk.at("refund.amount: enter", "refund.reason: menu", "goods.or_note: 2")
    await clerk.at("goods.lines: 1", "goods.line: 1", "goods.condition: 5")
    await clerk.at("goods.line: menu", "goods.lines: menu", "refund.reason: 4")
    await clerk.at("supervisor.number")
    assert "Said not to be back, unlike the reason" in clerk.text
    application = await paid_out(clerk)
    assert application.goods_back is GoodsBack.NAMED


@at_the_counter(EN)
async def test_each_line_by_its_own_reason(clerk: SimClerk) -> None:
    """The tea was never received, the cup is opened."""
    await sold(clerk)
    await clerk.at("refund.amount: enter", "refund.reason: menu", "goods.or_note: 2")
    await clerk.at("goods.lines: 1", "goods.line: 2", "goods.reason: 3", "goods.line: menu")
    await clerk.at("goods.lines: menu", "refund.reason: 2", "supervisor.number")
    application = await paid_out(clerk)
    assert application.goods_back is GoodsBack.NAMED
    assert moved(clerk) == [(2, 1_000, "2", Disposition.QUARANTINE, "2")]


@at_the_counter(Setting(language=Language.EN, policy={"inspection": "once"}))
async def test_who_is_asked_how_goods_are_says_that_there_are_none(clerk: SimClerk) -> None:
    await sold(clerk)
    await clerk.at("refund.amount: enter", "goods.condition: 5", "refund.reason: 4")
    await clerk.at("supervisor.number")
    assert "Goods: none came back" in clerk.text
    assert (await paid_out(clerk)).goods_back is GoodsBack.NONE
    assert moved(clerk) == []


@at_the_counter(Setting(language=Language.EN, policy={"inspection": "once"}))
async def test_what_somebody_looked_at_came_whatever_the_reason(clerk: SimClerk) -> None:
    await sold(clerk)
    await clerk.at("refund.amount: enter", "goods.condition: 1", "refund.reason: 3")
    await clerk.at("supervisor.number")
    assert (await paid_out(clerk)).goods_back is GoodsBack.NAMED
    assert [one[:4] for one in moved(clerk)] == [
        (1, 3_000, "1", Disposition.RESTOCK),
        (2, 1_000, "1", Disposition.RESTOCK),
    ]


PHONE: dict[str, Any] = {
    "sku": "77", "name": "Phone", "quantity": 1, "unit_price": 90_000, "serials": ["SN-0017"]
}  # fmt: skip


@at_the_counter(EN)
async def test_a_piece_whose_number_was_read_is_there(clerk: SimClerk) -> None:
    paid = {"kind": "cash", "amount": 94_500}
    await sell(clerk, "GOODS", paid, lines=[PHONE, TEA], **CASH)
    await clerk.log_in()
    clerk.scan("GOODS")
    await clerk.at("sale: enter", "refund.amount: menu", "refund.lines: 2")
    await clerk.at("refund.quantity: enter", "refund.lines")
    clerk.scan("SN-0017")
    await clerk.at("refund.lines: menu", "refund.amount: enter", "refund.reason: 3")
    await clerk.at("supervisor.number")
    await paid_out(clerk)
    assert [one[:2] for one in moved(clerk)] == [(1, 1_000)]


@at_the_counter(BY_RULE)
async def test_pieces_with_numbers_that_did_not_come_ask_a_supervisor(clerk: SimClerk) -> None:
    await sell(clerk, "GOODS", {"kind": "cash", "amount": 90_000}, lines=[PHONE], **CASH)
    await clerk.log_in()
    clerk.scan("GOODS")
    await clerk.at("sale: enter", "refund.amount: enter", "refund.reason: 3", "supervisor.number")
    assert "Phone: serial number not checked" in clerk.text
    assert (await paid_out(clerk)).goods_back is GoodsBack.NONE
    assert moved(clerk) == []


HERE = {Language.ZH_CN: "商品在此", Language.EN: "Goods are here: another reason"}
NOTHING_OFF = {Language.ZH_CN: "未退回,不能扣款", Language.EN: "Not back: nothing to deduct"}


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("uneven", [False, True], ids=["even", "credit"])
def test_goods_that_others_go_out_for_came(language: Language, uneven: bool) -> None:
    """What never came is not exchanged, neither at first nor at the supervisor's number."""
    cup = {**CUP, "barcodes": ["4006381333931"]}

    @at_the_counter(Setting(language=language))
    async def story(clerk: SimClerk) -> None:
        await sell(clerk, "GOODS", {"kind": "cash", "amount": 900}, lines=[cup], **CASH)
        await clerk.log_in()
        clerk.scan("GOODS")
        await clerk.at("sale: menu", "sale.more: 5", "refund.reason")
        for reason in "35":
            clerk.press(reason)
            await clerk.wait_text(HERE[language])
        await clerk.at("refund.reason: 4", "goods.scan")
        if uneven:
            await clerk.at("goods.scan: menu", "exchange.as_credit: enter")
        else:
            clerk.scan("4006381333931")
        await clerk.at("supervisor.number: menu", "goods.line: 2", "goods.reason: 3", "goods.line")
        assert HERE[language] in clerk.text
        await clerk.at("goods.line: menu", "supervisor.number")
        await clerk.approve()
        await clerk.at("result")
        await clerk.home()
        assert {one[4] for one in moved(clerk) if one[1] > 0} == {"4"}

    story()


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("reason", ["3", "5"])
def test_goods_that_bring_less_for_how_they_are_came(language: Language, reason: str) -> None:
    """9.00 were paid and 7.00 typed, since it is used: then it was not lost on its way. It was
    booked all the same, as what had never come."""

    @at_the_counter(Setting(language=language))
    async def story(clerk: SimClerk) -> None:
        await sold(clerk)
        await clerk.at("refund.amount: menu", "refund.lines: 2", "refund.quantity: enter")
        await clerk.at("refund.lines: menu", "refund.amount: 700 enter", "goods.deduct: 1")
        await clerk.at(f"refund.reason: {reason}")
        await clerk.wait_text(NOTHING_OFF[language])
        await clerk.at("refund.reason: menu", "goods.or_note: 2", "goods.line: 2")
        await clerk.at(f"goods.reason: {reason}", "goods.line")
        assert NOTHING_OFF[language] in clerk.text
        await clerk.at("goods.line: menu", "refund.reason: 4", "supervisor.number")
        assert (await paid_out(clerk)).amount == 700
        assert moved(clerk) == [(2, 1_000, "1", Disposition.RESTOCK, "4")]

    story()


@pytest.mark.parametrize("language", Language)
def test_what_was_typed_is_not_lost_where_goods_did_not_come(language: Language) -> None:
    """7.00 of 9.00: nothing is off where nothing came, and 9.00 went back without a word."""

    @at_the_counter(Setting(language=language, policy={"inspection": "once"}))
    async def story(clerk: SimClerk) -> None:
        await sold(clerk)
        await clerk.at("refund.amount: menu", "refund.lines: 2", "refund.quantity: enter")
        await clerk.at("refund.lines: menu", "refund.amount: 700 enter", "goods.deduct: 1")
        await clerk.at("goods.condition: 5")
        await clerk.wait_text(NOTHING_OFF[language])
        await clerk.at("goods.condition: 2", "refund.reason: 4", "supervisor.number: menu")
        await clerk.at("goods.line: 1", "goods.condition: 5")
        await clerk.wait_text(NOTHING_OFF[language])
        await clerk.at("goods.condition: 1", "goods.line: menu", "supervisor.number")
        assert (await paid_out(clerk)).amount == 700

    story()


NO_RESTOCK = {
    Language.ZH_CN: "有质量问题,不能重新入库",
    Language.EN: "Defective: not back to stock",
}


@pytest.mark.parametrize("language", Language)
def test_what_is_defective_goes_to_no_other_customer(language: Language) -> None:
    """Whichever of the two is said first, and whose reason it is."""

    @at_the_counter(Setting(language=language, policy={"inspection": "once"}))
    async def story(clerk: SimClerk) -> None:
        await sold(clerk)
        await clerk.at("refund.amount: enter", "goods.condition: 1", "refund.reason: 1")
        await clerk.wait_text(NO_RESTOCK[language])
        await clerk.at("refund.reason: menu", "goods.or_note: 2", "goods.lines: 1", "goods.line: 2")
        await clerk.at("goods.reason: 1", "goods.line")
        assert NO_RESTOCK[language] in clerk.text
        await clerk.at("goods.line: 1", "goods.condition: 3", "goods.line: 2", "goods.reason: 1")
        await clerk.at("goods.line: 1", "goods.condition: 1")
        await clerk.wait_text(NO_RESTOCK[language])
        await clerk.at("goods.condition: cancel", "goods.line: menu", "goods.lines: menu")
        await clerk.at("refund.reason: 4", "supervisor.number")
        await paid_out(clerk)
        assert moved(clerk) == [
            (1, 3_000, "3", Disposition.VENDOR, "1"),
            (2, 1_000, "1", Disposition.RESTOCK, "4"),
        ]

    story()


@at_the_counter(Setting(language=Language.EN, policy={"inspection": "once"}))
async def test_of_several_the_defective_one_stays_as_it_is(clerk: SimClerk) -> None:
    """It was picked as that, and the others go back to stock."""
    kept = {**CUP, "returnable": False}
    await sell(clerk, "GOODS", {"kind": "cash", "amount": 5_400}, lines=[kept, TEA], **CASH)
    await clerk.log_in()
    clerk.scan("GOODS")
    await clerk.at("sale: enter", "refund.amount: menu", "refund.lines: 1", "refund.lines: 1")
    await clerk.at("goods.defective: enter", "refund.quantity: enter", "refund.lines: 2")
    await clerk.at("refund.quantity: enter", "refund.lines: menu", "refund.amount: enter")
    await clerk.at("goods.condition: 1", "refund.reason: 4", "supervisor.number")
    await paid_out(clerk)
    assert [one[:4] for one in moved(clerk)] == [
        (1, 1_000, "3", Disposition.VENDOR),
        (2, 3_000, "1", Disposition.RESTOCK),
    ]


@pytest.mark.parametrize("language", Language)
def test_goods_that_come_after_all_are_booked_in_by_a_supervisor(language: Language) -> None:
    """The money is back and stays so; the cup comes by post, is found broken, and then was none."""

    @at_the_counter(Setting(language=language))
    async def story(clerk: SimClerk) -> None:
        await sold(clerk)
        await clerk.at("refund.amount: enter", "refund.reason: 3", "supervisor.number")
        await paid_out(clerk)
        none = {Language.ZH_CN: "未退回", Language.EN: "None came back"}[language]
        for condition in ("1", "3", "5", "1"):
            await clerk.at("home: menu", "menu: 4", "menu.mistakes: 3", "stock.slip: 1 enter")
            await clerk.at("stock.line: 2", "stock.correct")
            if condition == "1":
                assert none in clerk.text
            await clerk.at(f"stock.correct: {condition}")
            await clerk.approve()
            await clerk.at("stock.corrected: enter")
            await clerk.home()
        assert moved(clerk) == [
            (2, 1_000, "1", Disposition.RESTOCK, "3"),
            (2, -1_000, "1", Disposition.RESTOCK, "3"),
            (2, 1_000, "3", Disposition.VENDOR, "3"),
            (2, -1_000, "3", Disposition.VENDOR, "3"),
            (2, 1_000, "1", Disposition.RESTOCK, "3"),
        ]
        assert returned(clerk) == [3_000, 1_000, 1_000]
        sale = clerk.site.ledger.sales.by_key(stored(clerk).sale_key)
        assert sale is not None
        assert (sale.done, sale.remaining) == (6_000, 0), "no money moves"

    story()
