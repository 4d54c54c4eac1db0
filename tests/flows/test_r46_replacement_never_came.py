"""A replacement that never reached the customer goes out once more, from the case alone: nothing
comes back for it, somebody else answers for that, and no money goes twice (R46, R37, R48)."""

from __future__ import annotations

from typing import Any

import pytest
from hw_sim.proofs.simulation.clerk import SimClerk
from hw_sim.proofs.simulation.site import Setting
from worlds.counter import CASH, logged_in, sell, tell

from pos_terminal.services.ledger.overview import overview
from pos_terminal.services.proof.verify import verify_store
from pos_terminal.texts import Language

BY_RULE = {"supervisor": "by-rule"}
ENGLISH = Setting(language=Language.EN, policy=BY_RULE)
CUP: dict[str, Any] = {
    "sku": "11", "name": "Cup", "quantity": 1, "unit_price": 900, "barcodes": ["6911"],
}  # fmt: skip
FIRST, SECOND, THIRD = "490154203237518", "356938035643809", "868683020000000"
PHONE: dict[str, Any] = {
    "sku": "P-1", "name": "Phone", "quantity": 1, "unit_price": 1_500, "barcodes": ["6951"],
    "serials": [FIRST],
}  # fmt: skip
COMPLAINT, NEVER_CAME = 6, 3
"""Digits of the kind of the case and of the reason."""
EXCHANGE = {Language.EN: "Exchange for another", Language.ZH_CN: "换同等商品"}
MISSING = {
    Language.EN: "Cup never came: none back, another goes out",
    Language.ZH_CN: "Cup 称未收到:无商品退回,另发一件",
}
NOT_BACK = {Language.EN: "Never came: Cup ×1", Language.ZH_CN: "未收到 Cup ×1"}
SIGNED = {
    Language.EN: ("neverreachedme.", "returnedandreceived"),
    Language.ZH_CN: ("商品本人未收到", "本人已退回"),
}
"""What the customer signs, and what they would sign of goods that came."""
AGAIN = {
    Language.EN: "Cup: never came before (request 2), another went out then",
    Language.ZH_CN: "Cup 申请 2 已因未收到另发过,再次称未收到",
}


def says(clerk: SimClerk, text: str) -> bool:
    return "".join(text.split()) in "".join(clerk.text.split())


def told(clerk: SimClerk, name: str) -> list[dict[str, Any]]:
    """As ``ledger --json`` does."""
    found: list[dict[str, Any]] = overview(clerk.site.ledger.db)[name]
    clerk.site.ledger.db.rollback()
    return found


def moved(clerk: SimClerk) -> list[tuple[int, str]]:
    verify_store(clerk.site.ledger)
    return [(one.quantity, one.serial) for one in clerk.site.ledger.stock.after(0, 99)]


async def exchanged(clerk: SimClerk) -> None:
    """A cup that came back, for another one, and a complaint of that."""
    await sell(clerk, "CUP", {"kind": "cash", "amount": 900}, lines=[CUP], **CASH)
    clerk.scan("CUP")
    await clerk.at("sale: menu", "sale.more: 5", "refund.reason: 1", "goods.scan")
    clerk.scan("6911")
    await clerk.at(
        "exchange.even: enter",
        "result: menu",
        f"case.kind: {COMPLAINT}",
        "case.opened: enter",
        "case.facts",
    )


async def to_case(clerk: SimClerk) -> None:
    """The only open one."""
    await clerk.wait("home")
    clerk.press("menu", "4", "1")
    await clerk.at("case.list: 1", "case.facts")


async def never_came(clerk: SimClerk) -> None:
    """From the facts of the case to what goes out."""
    await clerk.at("case.facts: 2", "case.remedy")
    clerk.choose(EXCHANGE[clerk.site.setting.language])
    await clerk.at(f"refund.reason: {NEVER_CAME}", "goods.scan")


@pytest.mark.parametrize("language", Language)
def test_it_goes_out_once_more_and_nothing_comes_back(language: Language) -> None:
    async def story(clerk: SimClerk) -> None:
        await clerk.log_in()
        await exchanged(clerk)
        await never_came(clerk)
        clerk.scan("6911")
        await clerk.wait("supervisor.number")
        assert says(clerk, MISSING[language])
        assert says(clerk, NOT_BACK[language])
        await clerk.approve()
        await clerk.at("result: enter", "home")
        assert moved(clerk) == [(1_000, ""), (-1_000, ""), (-1_000, "")]
        (step,) = told(clerk, "cases")[0]["steps"]
        assert (step["kind"], step["text"]) == ("decision", "#2")
        sale = clerk.site.ledger.sales.by_id("CUP")
        assert sale is not None
        assert (sale.remaining, sale.lines[0].remaining) == (900, 1_000), "it can still come back"
        assert [one.done for one in clerk.site.ledger.refunds.recent(9)] == [0, 0], "no money"
        paper = "".join(clerk.papers[-2].split())
        signed, never = SIGNED[language]
        assert signed in paper
        assert never not in paper, "nobody signs to have returned what never came"
        (approval,) = clerk.site.ledger.applications.approvals(2)
        assert approval.rule == "inspection"
        assert [one["disposition"] for one in told(clerk, "exchanges")[-1]["back"]] == [None]

    tell(story, Setting(language=language, policy=BY_RULE))


@pytest.mark.parametrize("language", Language)
def test_a_second_time_the_supervisor_reads_that_it_was_replaced_already(
    language: Language,
) -> None:
    async def story(clerk: SimClerk) -> None:
        await clerk.log_in()
        await exchanged(clerk)
        await never_came(clerk)
        clerk.scan("6911")
        await clerk.approve()
        await clerk.at("result: enter")
        await to_case(clerk)
        await never_came(clerk)
        clerk.scan("6911")
        await clerk.wait("supervisor.number")
        assert says(clerk, AGAIN[language])

    tell(story, Setting(language=language, policy=BY_RULE))


@logged_in(ENGLISH)
async def test_nobody_says_so_but_from_a_case(clerk: SimClerk) -> None:
    await sell(clerk, "CUP", {"kind": "cash", "amount": 900}, lines=[CUP], **CASH)
    clerk.scan("CUP")
    await clerk.at("sale: menu", "sale.more: 5", f"refund.reason: {NEVER_CAME}")
    await clerk.wait_text("Goods are here")


@logged_in(ENGLISH)
async def test_no_credit_is_made_of_what_never_came(clerk: SimClerk) -> None:
    await exchanged(clerk)
    await never_came(clerk)
    clerk.press("menu")
    await clerk.wait_text("even goods only")
    assert moved(clerk) == [(1_000, ""), (-1_000, "")]
    assert told(clerk, "exchange_credits") == []


@logged_in(ENGLISH)
async def test_what_comes_after_all_is_booked_in_without_money(clerk: SimClerk) -> None:
    await exchanged(clerk)
    await never_came(clerk)
    clerk.scan("6911")
    await clerk.approve()
    await clerk.at("result: enter", "home")
    clerk.press("menu", "4", "3")
    await clerk.at("stock.slip: 2 enter", "stock.line: 1", "stock.correct: 1")
    await clerk.approve()
    await clerk.at("stock.corrected: enter")
    await clerk.home()
    assert moved(clerk) == [(1_000, ""), (-1_000, ""), (-1_000, ""), (1_000, "")]
    # as one that came, it is no piece that another went out for
    await to_case(clerk)
    await never_came(clerk)
    clerk.scan("6911")
    await clerk.wait("supervisor.number")
    assert says(clerk, MISSING[Language.EN])


@logged_in(ENGLISH)
async def test_the_money_for_it_goes_once_and_the_supervisor_reads_that_another_went_out(
    clerk: SimClerk,
) -> None:
    await exchanged(clerk)
    await never_came(clerk)
    clerk.scan("6911")
    await clerk.approve()
    await clerk.at("result: enter", "home")
    clerk.scan("CUP")
    await clerk.at("sale: enter", "refund.amount: enter", f"refund.reason: {NEVER_CAME}")
    await clerk.wait("supervisor.number")
    assert says(clerk, AGAIN[Language.EN])
    await clerk.approve()
    await clerk.pay_out()
    await clerk.at("cash.hand_over: enter", "result")
    await clerk.home()
    assert moved(clerk) == [(1_000, ""), (-1_000, ""), (-1_000, "")]
    sale = clerk.site.ledger.sales.by_id("CUP")
    assert sale is not None
    assert (sale.remaining, sale.lines[0].remaining) == (0, 0)


@logged_in(ENGLISH)
async def test_a_piece_that_never_came_is_known_by_its_number_when_it_comes(
    clerk: SimClerk,
) -> None:
    await sell(clerk, "PHONE", {"kind": "cash", "amount": 1_500}, lines=[PHONE], **CASH)
    clerk.scan("PHONE")
    await clerk.at("sale: menu", "sale.more: 5", "refund.lines")
    clerk.scan(FIRST)
    await clerk.wait_text("15.00")
    await clerk.at("refund.lines: menu", "refund.reason: 1", "goods.scan")
    clerk.scan("6951")
    await clerk.wait("goods.serial")
    clerk.scan(SECOND)
    await clerk.at("exchange.even: enter", "result: menu", f"case.kind: {COMPLAINT}")
    await clerk.at("case.opened: enter", "case.facts: 2", "case.remedy")
    clerk.choose("Exchange for another")
    await clerk.wait("refund.lines")
    clerk.scan(SECOND)
    await clerk.wait_text("15.00")
    await clerk.at("refund.lines: menu", f"refund.reason: {NEVER_CAME}", "goods.scan")
    clerk.scan("6951")
    await clerk.wait("goods.serial")
    clerk.scan(THIRD)
    await clerk.approve()
    await clerk.at("result: enter", "home")
    assert moved(clerk) == [(1_000, FIRST), (-1_000, SECOND), (-1_000, THIRD)]
    sale = clerk.site.ledger.sales.by_id("PHONE")
    assert sale is not None
    known = clerk.site.ledger.refunds.pieces_back(sale.key)
    assert known.back == {FIRST}
    assert known.absent == {SECOND: 2}
    clerk.scan("PHONE")
    await clerk.at("sale: enter", "refund.amount: menu", "refund.lines")
    clerk.scan(SECOND)
    await clerk.wait("goods.serial_other")
    assert says(clerk, "Phone …3809: paid for (2), then never came")
    await clerk.home()
    clerk.scan("PHONE")
    await clerk.at("sale: enter", "refund.amount: menu", "refund.lines")
    clerk.scan(THIRD)
    await clerk.wait_text("15.00")
    await clerk.at("refund.lines: menu", "refund.amount: enter", "refund.reason: 4")
    await clerk.at("refund.confirm: enter", "cash.hand_over: enter", "result")
    await clerk.home()
    assert moved(clerk)[-1] == (1_000, THIRD)
