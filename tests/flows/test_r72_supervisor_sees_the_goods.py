"""Who approves reads the amount first, and which goods come back, how many of each (R24, R72)."""

from __future__ import annotations

from typing import Any, Final

import pytest
from hw_sim.proofs.simulation.clerk import SimClerk
from worlds.counter import CASH, in_each_language, one_line, sell

from pos_terminal.texts import Language

LANGUAGES: Final = pytest.mark.parametrize("language", Language)
LINES: Final[list[dict[str, Any]]] = [
    {"sku": f"{n}", "name": f"Goods-{n}", "quantity": n, "unit_price": 100} for n in range(1, 8)
]
PAID = {"kind": "cash", "amount": 2_800}
GOODS = "Goods-1 ×1 Goods-2 ×2 Goods-3 ×3 Goods-4 ×4 Goods-5 ×5"


async def begun(clerk: SimClerk) -> None:
    await sell(clerk, "GOODS", PAID, lines=LINES, **CASH)
    await clerk.log_in()
    clerk.scan("GOODS")


@LANGUAGES
@in_each_language()
async def test_of_a_refund(clerk: SimClerk, language: Language) -> None:
    """Five lines of it, and how many more there are."""
    amount, more = (
        ("金额 ¥28.00", "另有 2 行商品")
        if language is Language.ZH_CN
        else ("Amount ¥28.00", "2 more lines of goods")
    )
    await begun(clerk)
    await clerk.at("sale: enter", "refund.amount: enter", "refund.reason: 4", "supervisor.number")
    shown = one_line(clerk)
    assert amount in " ".join(clerk.text.splitlines()[1].split())
    assert f"{GOODS} {more}" in shown
    await clerk.home()
    clerk.scan("GOODS")
    await clerk.at("sale: enter", "refund.amount: menu", "refund.lines: 3")
    await clerk.at("refund.quantity: 2 enter", "refund.lines: menu", "refund.amount: enter")
    await clerk.at("refund.reason: 4", "supervisor.number")
    assert "Goods-3 ×2" in one_line(clerk)
    assert "Goods-4" not in one_line(clerk)


@LANGUAGES
@in_each_language()
async def test_of_an_exchange_credit(clerk: SimClerk, language: Language) -> None:
    await begun(clerk)
    await clerk.at("sale: menu", "sale.more: 5", "refund.lines: 2", "refund.quantity: enter")
    await clerk.at("refund.lines: menu", "refund.reason: 4", "goods.scan: menu")
    await clerk.at("exchange.as_credit: enter", "supervisor.number")
    assert "Goods-2 ×2" in one_line(clerk)
    assert ("换货券" if language is Language.ZH_CN else "Exchange credit") in clerk.text
