"""A piece of which its refund said that it never came is paid once, and is known when it comes
(R48, R72)."""

from __future__ import annotations

from typing import Any

import pytest
from hw_sim.proofs.simulation.clerk import SimClerk
from hw_sim.proofs.simulation.site import Setting
from worlds.counter import CASH, at_the_counter, sell, tell

from pos_terminal.services.ledger.overview import overview
from pos_terminal.services.proof.verify import verify_store
from pos_terminal.texts import Language

FIRST, SECOND, NEW = "490154203237518", "356938035643809", "868683020000000"
PHONE: dict[str, Any] = {
    "sku": "P-1", "name": "Phone", "quantity": 2, "unit_price": 1_500, "barcodes": ["6951"],
    "serials": [FIRST, SECOND],
}  # fmt: skip
BY_RULE = {"supervisor": "by-rule"}
PAID = {
    Language.EN: "Phone …7518: paid for (1), then never came. Came now: MENU 4 3, no money",
    Language.ZH_CN: "Phone …7518 已退款(申请 1),登记为未退回。现退回:菜单 4 3,不再退款",
}
UNCHECKED = {
    Language.EN: "Phone: serial number not checked",
    Language.ZH_CN: "Phone 未核对序列号",
}


def says(clerk: SimClerk, text: str) -> bool:
    return "".join(text.split()) in "".join(clerk.text.split())


def moved(clerk: SimClerk) -> list[tuple[int, str]]:
    verify_store(clerk.site.ledger)
    return [(one.quantity, one.serial) for one in clerk.site.ledger.stock.after(0, 99)]


def kept(clerk: SimClerk) -> list[list[str]]:
    listed = overview(clerk.site.ledger.db)["applications"]
    clerk.site.ledger.db.rollback()
    return [item["serials"] for one in reversed(listed) for item in one["items"]]


async def sold(clerk: SimClerk) -> None:
    await sell(clerk, "GOODS", {"kind": "cash", "amount": 3_000}, lines=[PHONE], **CASH)
    await clerk.log_in()


async def to_goods(clerk: SimClerk) -> None:
    await clerk.wait("home")
    clerk.scan("GOODS")
    await clerk.at("sale: enter", "refund.amount: menu", "refund.lines")


async def paid_out(clerk: SimClerk) -> None:
    await clerk.pay_out()
    await clerk.at("cash.hand_over: enter", "result")
    await clerk.home()


async def paid_as_never_come(clerk: SimClerk, serial: str) -> None:
    """As the clerk says of the line, and then the reason; a supervisor agrees."""
    await to_goods(clerk)
    if serial:
        clerk.scan(serial)
        await clerk.wait_text("15.00")
    else:
        await clerk.at("refund.lines: 1", "refund.quantity: 1 enter", "goods.serial: enter")
    await clerk.at("refund.lines: menu", "refund.amount: enter", "refund.reason: menu")
    await clerk.at("goods.or_note: 2", "goods.line: 1", "goods.condition: 5", "goods.line: menu")
    await clerk.at("refund.reason: 3", "supervisor.number")


async def came_after_all(clerk: SimClerk, number: int = 1) -> None:
    await clerk.wait("home")
    clerk.press("menu", "4", "3")
    await clerk.at(f"stock.slip: {number} enter", "stock.line: 1", "stock.correct: 1")


def in_both_languages(story: Any) -> Any:
    @pytest.mark.parametrize("language", Language)
    def test(language: Language) -> None:
        async def told(clerk: SimClerk) -> None:
            await sold(clerk)
            await story(clerk, language)

        tell(told, Setting(language=language, policy=BY_RULE))

    return test


@in_both_languages
async def test_it_is_paid_in_no_other_piece_s_place_unasked(
    clerk: SimClerk, language: Language
) -> None:
    await paid_as_never_come(clerk, FIRST)
    assert says(clerk, UNCHECKED[language]), "its number is known, and nobody has seen it"
    await clerk.approve()
    await paid_out(clerk)
    assert (moved(clerk), kept(clerk)) == ([], [[FIRST]])
    await to_goods(clerk)
    clerk.scan(FIRST)
    await clerk.wait("goods.serial_other")
    assert says(clerk, PAID[language])
    await clerk.at("goods.serial_other: enter", "refund.lines: menu", "refund.amount: enter")
    await clerk.at("refund.reason: 4", "supervisor.number")
    assert says(clerk, PAID[language])
    clerk.press("cancel")
    await clerk.home()
    await to_goods(clerk)
    clerk.scan(SECOND)
    await clerk.wait_text("15.00")
    await clerk.at("refund.lines: menu", "refund.amount: enter", "refund.reason: 4")
    await clerk.at("refund.confirm: enter", "cash.hand_over: enter", "result")
    await clerk.home()
    assert moved(clerk) == [(1_000, SECOND)]


@in_both_languages
async def test_when_it_comes_it_is_booked_as_that_and_is_back(
    clerk: SimClerk, language: Language
) -> None:
    await paid_as_never_come(clerk, FIRST)
    await clerk.approve()
    await paid_out(clerk)
    await came_after_all(clerk)
    await clerk.wait("supervisor.number")
    assert FIRST in clerk.text
    await clerk.approve()
    await clerk.at("stock.corrected: enter")
    await clerk.home()
    assert moved(clerk) == [(1_000, FIRST)]
    await to_goods(clerk)
    await clerk.at("refund.lines: 1", "refund.quantity: 1 enter", "goods.serial")
    clerk.scan(FIRST)
    await clerk.wait_text("已经退过" if language is Language.ZH_CN else "is back already")


@in_both_languages
async def test_whose_number_nobody_read_is_asked_for_it_when_it_comes(
    clerk: SimClerk, language: Language
) -> None:
    await paid_as_never_come(clerk, "")
    await clerk.approve()
    await paid_out(clerk)
    assert kept(clerk) == [[]]
    await came_after_all(clerk)
    await clerk.wait("goods.serial")
    clerk.scan(FIRST)
    await clerk.wait("supervisor.number")
    assert FIRST in clerk.text
    await clerk.approve()
    await clerk.at("stock.corrected: enter")
    await clerk.home()
    assert moved(clerk) == [(1_000, FIRST)]
    await clerk.wait("home")
    clerk.press("menu", "4", "3")  # nor did it come, as somebody says then
    await clerk.at("stock.slip: 1 enter", "stock.line: 1", "stock.correct: 5", "supervisor.number")
    await clerk.approve()
    await clerk.at("stock.corrected: enter")
    await clerk.home()
    await to_goods(clerk)
    clerk.scan(FIRST)
    await clerk.wait("goods.serial_other")
    assert says(clerk, PAID[language])


@in_both_languages
async def test_another_number_or_none_is_read_by_the_supervisor(
    clerk: SimClerk, language: Language
) -> None:
    await paid_as_never_come(clerk, "")
    await clerk.approve()
    await paid_out(clerk)
    await came_after_all(clerk)
    await clerk.at("goods.serial: enter", "supervisor.number")
    assert says(clerk, "序列号未读 ×1" if language is Language.ZH_CN else "not read ×1")
    clerk.press("cancel")
    await clerk.home()
    await came_after_all(clerk)
    await clerk.wait("goods.serial")
    clerk.scan(NEW)
    await clerk.at("goods.serial_other: enter", "supervisor.number")
    assert says(clerk, "序列号不符" if language is Language.ZH_CN else "serial …0000, sold was")
    await clerk.approve()
    await clerk.at("stock.corrected: enter")
    await clerk.home()
    assert moved(clerk) == [(1_000, NEW)]


@at_the_counter(Setting(language=Language.EN, policy=BY_RULE))
async def test_it_came_in_another_s_place_and_then_the_other_comes(clerk: SimClerk) -> None:
    """A supervisor had paid for it once more: what comes at last is asked its own number."""
    await sold(clerk)
    await paid_as_never_come(clerk, FIRST)
    await clerk.approve()
    await paid_out(clerk)
    await to_goods(clerk)
    clerk.scan(FIRST)
    await clerk.at("goods.serial_other: enter", "refund.lines: menu", "refund.amount: enter")
    await clerk.at("refund.reason: 4", "supervisor.number")
    await clerk.approve()
    await paid_out(clerk)
    await came_after_all(clerk)
    await clerk.wait("goods.serial")
    clerk.scan(SECOND)
    await clerk.wait("supervisor.number")
    await clerk.approve()
    await clerk.at("stock.corrected: enter")
    await clerk.home()
    assert moved(clerk) == [(1_000, FIRST), (1_000, SECOND)]
