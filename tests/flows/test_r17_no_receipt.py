"""R17: a customer without a receipt: the card, two facts, and then store credit for the goods."""

from __future__ import annotations

import re
from typing import Any, Final

import pytest
from hw_sim.bench import identity
from hw_sim.proofs.simulation.clerk import SimClerk
from hw_sim.proofs.simulation.invariants import violations
from hw_sim.proofs.simulation.site import Setting
from worlds.counter import CASH, explained, in_each_language, logged_in, sell
from worlds.token_keys import replaced

from pos_terminal.core.application import Withdrawn
from pos_terminal.core.people import Role
from pos_terminal.core.receipt_code import encode, encode_voucher
from pos_terminal.core.refund import Kind, State
from pos_terminal.core.sale import SaleOrigin
from pos_terminal.core.ticket import PlannedLeg, plan_digest
from pos_terminal.services.ledger.overview import overview
from pos_terminal.texts import Language

PHONE: Final = "13800138000"
CUP: Final = "6901234567892"
SOAP: Final = "6909876543210"
FREE: Final = "6900000000021"
RULES: Final[dict[str, Any]] = {
    "no_receipt": {
        "enabled": True,
        "ceiling": 10_000,
        "unknown_goods": 2_000,
        "customer_count": 2,
        "card_count": 1,
    },
    "window": {"free_days": 30, "supervisor_days": 90},
}
ON: Final = Setting(language=Language.EN, rules=RULES)


def line(sku: str, price: int, quantity: str = "1", **more: object) -> dict[str, object]:
    return {"sku": sku, "name": f"Name {sku}", "quantity": quantity, "unit_price": price, **more}


async def sells(clerk: SimClerk) -> None:
    """Cups for 35.00, two of a promotion for 60.00, and one long ago for 10.00."""
    cash = {"kind": "cash"}
    cup = line(CUP, 3_500)
    await sell(clerk, "one", cash | {"amount": 3_500}, lines=[cup], **CASH)
    two = [
        line(CUP, 3_500, "2", paid=7_000, group="2for60"),
        line("off", 1_000, kind="discount", paid=-1_000, group="2for60"),
    ]
    await sell(clerk, "two", cash | {"amount": 6_000}, lines=two, **CASH)
    old = {"sold_at": "2026-07-01T10:00:00+08:00", "lines": [line(CUP, 1_000)]}
    await sell(clerk, "old", cash | {"amount": 1_000}, **old, **CASH)
    cake = line("6900000000014", 500, returnable=False)
    kiwi = line("kiwi", 1_000, "0.5")
    await sell(clerk, "food", cash | {"amount": 1_000}, lines=[cake, kiwi], **CASH)


async def to_goods(clerk: SimClerk, number: str = PHONE) -> None:
    """Without a card, and no sale is found by two facts."""
    await clerk.at(": menu", "menu: 1 5", "blind.card: enter", "find.by: cancel")
    await clerk.at("blind.begin: enter", f"blind.customer: {number} enter", "blind.goods")


async def bring(clerk: SimClerk, code: str, price: str = "") -> None:
    clerk.scan(code)
    await clerk.at(f"blind.price: {price} enter", "blind.goods")


async def approved_by_two(clerk: SimClerk) -> None:
    await clerk.at("blind.goods: enter", "refund.reason: 1", "supervisor.number")
    await clerk.approve(0)
    await clerk.wait("supervisor.number")
    await clerk.approve(1)


def assert_goods_are_seen(clerk: SimClerk, *, zh: bool) -> None:
    assert ("需两位主管" if zh else "two supervisors") in clerk.text
    never_sold = "其中无售出记录" if zh else "Not sold here lately"
    rows = {" ".join(row.split()) for row in clerk.text.splitlines()}
    assert {f"Name {CUP} ×2 50.00", f"{SOAP} ×1 15.00", f"{never_sold} 15.00"} <= rows


async def given(clerk: SimClerk, number: str = PHONE) -> None:
    """A cup for all that can be given for it."""
    await to_goods(clerk, number)
    await bring(clerk, CUP)
    await approved_by_two(clerk)
    await clerk.pay_out()
    await clerk.at("result: enter", "home")


def at_rest(clerk: SimClerk) -> None:
    """With the ledger held against its log."""
    assert violations(clerk.site) == []


@pytest.mark.parametrize("language", Language)
@in_each_language(rules=RULES)
async def test_from_no_card_and_no_sale_to_store_credit(
    clerk: SimClerk, language: Language, capsys: pytest.CaptureFixture[str]
) -> None:
    zh = language is Language.ZH_CN
    await clerk.log_in()
    await sells(clerk)
    await to_goods(clerk)
    clerk.scan(CUP)
    await clerk.wait("blind.price")
    assert "30.00" in clerk.text, "the promotion's, and not what it cost before the window"
    await clerk.go("3001", "enter", to="blind.price")
    await clerk.wait_text("高于可退价格" if zh else "Above what can be given")
    await clerk.at("blind.price: clear clear clear clear 0 enter")
    await clerk.wait_text("必须大于零" if zh else "above zero")
    await clerk.at("blind.price: clear 2 5 0 0 enter", "blind.goods")
    clerk.scan(CUP)  # one more, of the same price
    await clerk.wait_text("50.00")
    await bring(clerk, SOAP, "1500")
    await clerk.wait_text("65.00")
    await clerk.at("blind.goods: enter", "refund.reason: 1", "supervisor.number")
    assert_goods_are_seen(clerk, zh=zh)
    await clerk.approve(0)
    await clerk.wait("supervisor.number")
    await clerk.approve(0)  # the same person again is nobody else
    await clerk.wait_text("需另一位主管" if zh else "nother supervisor")
    await clerk.approve(1)
    await clerk.pay_out()
    await clerk.at("result: enter", "home")
    (refund,) = clerk.site.ledger.refunds.recent(1)
    assert (refund.kind, refund.state, refund.done) == (Kind.CREDIT, State.ISSUED, 6_500)
    voucher = clerk.site.ledger.vouchers.of_refund(refund.refund_id)
    assert voucher is not None
    assert voucher.amount == 6_500
    sale = clerk.site.ledger.sales.by_key(refund.sale_key)
    assert sale is not None
    assert (sale.origin, sale.remaining) == (SaleOrigin.BLIND, 0)
    application = clerk.site.ledger.applications.by_number(refund.application)
    assert application is not None
    assert [item.amount for item in application.items] == [5_000, 1_500]
    approvals = clerk.site.ledger.applications.approvals(refund.application)
    assert len({one.supervisor for one in approvals}) == 2
    leg = PlannedLeg(sale.key, 1, Kind.CREDIT, 6_500, application.items)
    assert {one.plan for one in approvals} == {plan_digest([leg])}, "with its goods"
    await clerk.site.until(lambda: len(clerk.papers) == 2, 60, "slips")
    merchant, customer = clerk.papers
    for paper in (merchant, customer):
        assert ("无小票退货" if zh else "No receipt") in paper
    assert all(f"{one.supervisor} {one.name}" in merchant for one in approvals)
    at_rest(clerk)
    is_told_without_the_number(clerk, refund.application, language, capsys)
    shown = overview(clerk.site.ledger.db)
    assert [one["origin"] for one in shown["sales"] if one["sale_key"] == sale.key] == ["blind"]
    (listed,) = shown["blind"]
    assert [(one["pieces"], one["amount"], one["lowest"]) for one in listed["lines"]] == [
        (2, 5_000, 3_000),
        (1, 1_500, None),
    ]


EXPLAINED: Final = {
    Language.ZH_CN: (
        "无小票退货: 需两位主管", "单笔上限 100.00, 无售出记录的商品 15.00", "最低单价 1: 30.00",
        f"{CUP} ×2: 50.00",
    ),
    Language.EN: (
        "No receipt: ask two supervisors", "ceiling 100.00, goods not sold lately 15.00",
        "lowest price by line 1: 30.00", f"{CUP} ×2: 50.00",
    ),
}  # fmt: skip


def is_told_without_the_number(
    clerk: SimClerk, application: int, language: Language, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whose it was is kept as a token alone, and is on no paper."""
    said = explained(clerk, application, language, capsys)
    assert not [told for told in EXPLAINED[language] if told not in said]
    files = [one for one in clerk.site.ledger.path.parent.rglob("*") if one.is_file()]
    assert any("ledger.db" in one.name for one in files)
    assert not [one for one in files if PHONE.encode() in one.read_bytes()]
    assert not [paper for paper in clerk.papers if PHONE in paper]


async def refused(clerk: SimClerk, why: str) -> None:
    """With a number and a slip, and no supervisor is called."""
    await clerk.at("blind.goods: enter", "refund.reason: 1", "result")
    assert why in " ".join(clerk.text.split())
    await clerk.go("enter", to="home")


@logged_in(ON)
async def test_a_customer_who_comes_too_often_is_refused_however_the_number_is_written(
    clerk: SimClerk,
) -> None:
    await sells(clerk)
    await given(clerk)
    await to_goods(clerk, "008613800138000")
    await bring(clerk, CUP)
    await approved_by_two(clerk)
    await clerk.pay_out()
    await clerk.at("result: enter", "home: menu", "menu: 1 5", "blind.card: enter")
    await clerk.at("find.by: cancel", "blind.begin: enter", "blind.customer")
    clerk.scan("138 0013-8000")
    await clerk.at("blind.customer: enter", "blind.goods")
    await bring(clerk, CUP)
    await refused(clerk, "this customer 2 times in 30 days")
    await given(clerk, "13900139000")
    assert len(clerk.site.ledger.refunds.recent(9)) == 3
    at_rest(clerk)
    found = [
        path
        for path in clerk.site.terminal.config.data_dir.rglob("*")
        if path.is_file() and PHONE.encode() in path.read_bytes().replace(b" ", b"")
    ]
    assert not found, "the number is nowhere in clear"
    assert not any(PHONE in paper for paper in clerk.papers)


@logged_in(ON)
async def test_a_card_leads_to_its_sales_and_counts_where_none_of_them_is_it(
    clerk: SimClerk,
) -> None:
    await sells(clerk)
    for phone, why in (("13800138000", ""), ("13900139000", "this card 1 times in 30 days")):
        await clerk.at(": menu", "menu: 1 5", "blind.card")
        clerk.tap("visa")
        await clerk.at("find.choose: cancel", "blind.card")  # none of them
        assert "None of its sales" in clerk.text
        clerk.take_away()
        await clerk.at("blind.card: enter", "find.by: cancel", "blind.begin: enter")
        await clerk.at(f"blind.customer: {phone} enter", "blind.goods")
        await bring(clerk, CUP)
        if why:
            await refused(clerk, why)
        else:
            await approved_by_two(clerk)
            await clerk.pay_out()
            await clerk.at("result: enter", "home")
    await clerk.at(": menu", "menu: 1 5", "blind.card")
    clerk.tap("visa")
    await clerk.at("find.choose: 1", "sale")
    clerk.take_away()
    await clerk.home()
    at_rest(clerk)


@logged_in(ON)
async def test_what_is_no_number_no_goods_or_too_much_is_said_and_nothing_is_lost(
    clerk: SimClerk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pos_terminal.flows.refund.give_blind.MOST_KINDS", 3)
    await sells(clerk)
    cash, gift = {"kind": "cash", "amount": 100}, [line("bag", 100), line(FREE, 0)]
    await sell(clerk, "gratis", cash, lines=gift, gift_receipt_no="G-77", **CASH)
    await clerk.at(": menu", "menu: 1 5", "blind.card: enter", "find.by: cancel")
    await clerk.at("blind.begin: enter", "blind.customer: 4761739001010010 enter")
    await clerk.wait_text("card number")
    await clerk.go(*["clear"] * 16, "111111", "enter", to="blind.customer")
    await clerk.wait_text("No phone or member number")
    assert "card number" not in clerk.text
    clerk.press(*["clear"] * 6)
    clerk.scan("4761739001010010")
    await clerk.at("blind.customer: enter")
    await clerk.wait_text("card number")
    assert "No phone" not in clerk.text, "what is wrong now, and nothing else"
    clerk.press(*["clear"] * 16)
    clerk.scan(CUP)  # each of the goods would be a customer who was never here
    await clerk.at("blind.customer: enter", "blind.customer")
    await clerk.wait_text("No phone or member number")
    clerk.press(*["clear"] * len(CUP))
    clerk.scan("M-10077")
    await clerk.at("blind.customer: enter", "blind.goods: enter")
    assert clerk.prompt == "blind.goods", "nothing was brought yet"
    said = ""
    for code, why in (
        ("4761739001010010", "no code of goods"),
        ("6900000000014", "Not returnable: Name 6900000000014"),
        (clerk.site.shop.person(Role.SUPERVISOR).badge, "no code of goods"),
        (clerk.site.shop.sale("cash-today").receipt_no, "That is a receipt"),
        ("kiwi", "Weighed goods need the receipt"),
        (encode(Kind.CASH, identity.MERCHANT_ID, identity.TERMINAL_ID, 1), "That is a receipt"),
        (FREE, "Was given free, receipt needed"),
        (encode_voucher(identity.MERCHANT_ID, identity.OTHER_TERMINAL_ID, 1), "That is a receipt"),
        ("kiwi", "Weighed goods need the receipt"),
        ("G-77", "That is a receipt"),
    ):
        assert said != why, "each is said anew"
        clerk.scan(code)
        await clerk.wait_text(said := why)
        assert clerk.prompt == "blind.goods"
    clerk.scan(SOAP)
    await clerk.at("blind.price: enter")
    await clerk.wait_text("Not sold here lately: at most")
    await clerk.at("blind.price: 2001 enter")
    await clerk.wait_text("Above what can be given")
    await clerk.at("blind.price: cancel", "blind.goods")
    assert SOAP not in clerk.text
    await bring(clerk, SOAP, "1500")
    await bring(clerk, CUP)
    await bring(clerk, "6909876543227", "600")
    clerk.scan("6909876543234")
    await clerk.wait_text("Too many at once")
    await clerk.at("blind.goods: menu")
    await clerk.wait_text("45.00")
    await bring(clerk, "6909876543227", "501")
    await refused(clerk, "Goods not sold here lately: at most 20.00")
    at_rest(clerk)


@logged_in(ON)
async def test_above_the_ceiling_nothing_goes_back(
    clerk: SimClerk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pos_terminal.flows.refund.give_blind.MOST_PIECES", 4)
    await sells(clerk)
    await to_goods(clerk)
    for _ in range(4):
        clerk.scan(CUP)
        if clerk.prompt != "blind.goods":
            break
    await clerk.at("blind.price: enter", "blind.goods")
    for _ in range(4):  # of one kind no more than four
        clerk.scan(CUP)
    clerk.scan("kiwi")
    await clerk.wait_text("Weighed goods")
    assert "120.00" in clerk.text
    clerk.press("menu")  # one piece, not all of them
    await clerk.wait_text("90.00")
    clerk.scan(CUP)
    await clerk.wait_text("120.00")
    await refused(clerk, "above the ceiling of 100.00")
    assert not clerk.site.ledger.refunds.recent(9)
    at_rest(clerk)


@logged_in(ON)
async def test_nothing_more_goes_back_for_goods_that_came_without_a_receipt(
    clerk: SimClerk,
) -> None:
    """Neither by its slip, nor what the supervisors did not approve."""
    await sells(clerk)
    await given(clerk)
    (refund,) = clerk.site.ledger.refunds.recent(1)
    shop = (identity.MERCHANT_ID, identity.TERMINAL_ID)
    clerk.scan(encode(refund.kind, *shop, refund.refund_id))
    await clerk.wait("voucher", "sale", "failure")
    await clerk.home()
    await to_goods(clerk)
    await bring(clerk, CUP)
    await clerk.at("blind.goods: enter", "refund.reason: 1", "supervisor.number: cancel", "home")
    left = clerk.site.ledger.sales.by_key(refund.sale_key + 1)
    assert left is not None
    assert (left.origin, left.remaining) == (SaleOrigin.BLIND, 3_000)
    ask = clerk.site.ledger.applications.open
    again = await ask(
        sale_key=left.key,
        leg=1,
        kind=Kind.CREDIT,
        amount=3_000,
        reason="1",
        note="",
        operator="101",
        decisions=[],
        refused=False,
    )
    with pytest.raises(ValueError, match="two supervisors"):
        await clerk.site.ledger.issue_credit(again.number, lambda *_: ())
    await clerk.site.ledger.applications.cancel(again.number, Withdrawn.CLERK)
    at_rest(clerk)


@logged_in(Setting(language=Language.EN))
async def test_a_shop_that_gives_nothing_without_a_receipt_says_so(clerk: SimClerk) -> None:
    await clerk.at(": menu", "menu: 1 5", "blind.card: enter", "find.by: cancel", "blind.begin")
    assert "Nothing goes back without a receipt" in clerk.text
    await clerk.go("cancel", to="home")
    assert clerk.site.ledger.applications.by_number(1) is None
    await clerk.at(": menu", "menu: 1 5", "blind.card")
    clerk.tap("amex")
    await clerk.at("find.choose: cancel", "blind.card")
    clerk.take_away()
    await clerk.at("blind.card: enter", "find.by: cancel", "blind.begin: enter", "failure")
    assert "Application 1" in clerk.text
    assert re.fullmatch(r"\d{6}\*+\d{4}", clerk.site.application(1).note), "whose card it was"
    await clerk.home()


@logged_in(ON)
async def test_card_and_customer_count_over_a_replaced_token_key(clerk: SimClerk) -> None:
    await sells(clerk)

    async def with_card(phone: str) -> None:
        await clerk.at(": menu", "menu: 1 5", "blind.card")
        clerk.tap("jcb")
        await clerk.at("find.choose: cancel", "blind.card")
        clerk.take_away()
        await clerk.at("blind.card: enter", "find.by: cancel", "blind.begin: enter")
        await clerk.at(f"blind.customer: {phone} enter", "blind.goods")
        await bring(clerk, CUP)

    await with_card(PHONE)
    await approved_by_two(clerk)
    await clerk.pay_out()
    await clerk.at("result: enter", "home")
    await replaced(clerk.site)
    await clerk.home()
    await with_card("13900139000")
    await refused(clerk, "this card 1 times in 30 days")
    await given(clerk)
    await to_goods(clerk)
    await bring(clerk, CUP)
    await refused(clerk, "this customer 2 times in 30 days")
    at_rest(clerk)


@logged_in(ON)
async def test_a_hundredth_piece_is_not_passed_over_in_silence(clerk: SimClerk) -> None:
    await sells(clerk)
    await to_goods(clerk)
    await bring(clerk, CUP)
    for pieces in range(2, 100):
        clerk.scan(CUP)
        await clerk.wait_text(f"×{pieces}")
    clerk.scan(CUP)
    await clerk.wait_text("Too many at once")
    assert "×99" in clerk.text
