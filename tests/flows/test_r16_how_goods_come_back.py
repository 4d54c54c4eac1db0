"""How goods come back: the reason proposes a condition, and where they go (R16, R48)."""

from __future__ import annotations

from typing import Any

import pytest
from hw_sim.proofs.simulation.clerk import SimClerk
from hw_sim.proofs.simulation.site import Setting
from worlds.counter import CASH, at_the_counter, sell

from pos_terminal.core.looked import Disposition
from pos_terminal.services.proof.verify import verify_store
from pos_terminal.texts import Language

TEA = {"sku": "9", "name": "Tea", "quantity": 3, "unit_price": 1_500}
CUP = {"sku": "11", "name": "Cup", "quantity": 1, "unit_price": 900}
BY_POST = {"sku": "", "name": "Delivery", "quantity": 1, "unit_price": 600, "kind": "fee"}


async def sold(clerk: SimClerk, amount: int = 6_000) -> None:
    lines: list[dict[str, Any]] = [TEA, CUP, BY_POST]
    await sell(clerk, "GOODS", {"kind": "cash", "amount": amount}, lines=lines, **CASH)
    await clerk.log_in()
    clerk.scan("GOODS")
    await clerk.at("sale: enter")


def moved(clerk: SimClerk) -> list[tuple[int | None, int, str, Disposition | None, str]]:
    ledger = clerk.site.terminal.ledger
    assert ledger is not None
    verify_store(ledger)
    return [
        (one.line, one.quantity, one.condition, one.disposition, one.reason)
        for one in ledger.stock.after(0, 100)
    ]


async def pay_out(clerk: SimClerk) -> None:
    await clerk.approve()
    await clerk.pay_out()
    await clerk.at("cash.hand_over: enter", "result")
    await clerk.home()


PROPOSED: dict[str, tuple[str, Disposition, str, str]] = {
    "1": ("3", Disposition.VENDOR, "有质量问题, 退供应商", "Defective: to the supplier"),
    "2": ("2", Disposition.QUARANTINE, "已拆封, 隔离待检", "Opened: set aside"),
    "4": ("1", Disposition.RESTOCK, "完好, 重新入库", "As new: back to stock"),
}


@pytest.mark.parametrize("reason", PROPOSED)
@pytest.mark.parametrize("language", Language)
def test_the_reason_proposes_and_the_supervisor_sees_it(reason: str, language: Language) -> None:
    condition, where, zh, en = PROPOSED[reason]

    @at_the_counter(Setting(language=language))
    async def story(clerk: SimClerk) -> None:
        await sold(clerk)
        await clerk.at("refund.amount: enter", f"refund.reason: {reason}", "supervisor.number")
        assert (zh if language is Language.ZH_CN else en) in clerk.text
        await pay_out(clerk)
        assert moved(clerk) == [
            (1, 3_000, condition, where, reason),
            (2, 1_000, condition, where, reason),
        ], "and the delivery goes to no shelf"

    story()


@at_the_counter()
async def test_an_amount_that_names_no_goods_moves_none(clerk: SimClerk) -> None:
    await sold(clerk)
    await clerk.at("refund.amount: 1 0 0 enter", "refund.reason: 4")
    await pay_out(clerk)
    assert moved(clerk) == []


ONCE = Setting(language=Language.EN, policy={"inspection": "once"})
EACH = Setting(language=Language.EN, policy={"inspection": "each"})


@at_the_counter(ONCE)
async def test_once_for_all_of_them_before_the_reason(clerk: SimClerk) -> None:
    await sold(clerk)
    await clerk.at("refund.amount: enter", "goods.condition")
    assert "Tea ×3" in clerk.text
    assert "Delivery" not in clerk.text
    await clerk.at("goods.condition: 2", "refund.reason: 4", "supervisor.number")
    assert "Opened: set aside" in clerk.text
    await pay_out(clerk)
    assert moved(clerk) == [
        (1, 3_000, "2", Disposition.QUARANTINE, "4"),
        (2, 1_000, "2", Disposition.QUARANTINE, "4"),
    ]


@at_the_counter(EACH)
async def test_for_each_line_and_cancel_goes_back_by_one(clerk: SimClerk) -> None:
    await sold(clerk)
    await clerk.at("refund.amount: enter", "goods.condition: 1", "goods.condition: cancel")
    await clerk.at("goods.condition")
    assert "Tea ×3" in clerk.text
    await clerk.at("goods.condition: 2", "goods.condition: 1", "refund.reason: cancel")
    await clerk.at("goods.condition: cancel", "refund.amount: enter", "goods.condition: 2")
    await clerk.at("goods.condition: 1", "refund.reason: 4", "supervisor.number")
    await pay_out(clerk)
    assert moved(clerk) == [
        (1, 3_000, "2", Disposition.QUARANTINE, "4"),
        (2, 1_000, "1", Disposition.RESTOCK, "4"),
    ]


@at_the_counter(ONCE)
async def test_where_no_goods_are_named_nobody_is_asked(clerk: SimClerk) -> None:
    await sold(clerk)
    await clerk.at("refund.amount: 1 0 0 enter", "refund.reason: 4", "supervisor.number")
