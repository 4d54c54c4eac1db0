"""Goods that the shop lists as not returnable, with its ground (R14)."""

from __future__ import annotations

from typing import Any, Final

import pytest
from hw_sim.proofs.simulation.clerk import SimClerk
from hw_sim.proofs.simulation.site import Setting
from worlds.counter import CASH, sell, tell

from pos_terminal.texts import Language

SOCKS = {"sku": "S1", "name": "Socks", "quantity": 1, "unit_price": 900, "category": "underwear"}
VASE = {"sku": "V1", "name": "Vase", "quantity": 1, "unit_price": 2_000, "category": "home"}
CUP = {"sku": "C1", "name": "Cup", "quantity": 1, "unit_price": 700, "category": "home"}
LISTED: Final[dict[str, Any]] = {
    "returnable": {
        "categories": {"underwear": {"zh": "贴身衣物", "en": "Underwear"}},
        "skus": {"V1": {"zh": "清仓商品", "en": "Clearance"}},
    }
}


@pytest.mark.parametrize(
    ("language", "socks", "vase"),
    [
        (
            Language.EN,
            "Not returnable: Socks Underwear",
            "Not returnable: Vase Clearance",
        ),
        (Language.ZH_CN, "该商品不可退:Socks 贴身衣物", "该商品不可退:Vase 清仓商品"),
    ],
)
def test_what_the_shop_lists_is_refused_at_once(language: Language, socks: str, vase: str) -> None:
    async def story(clerk: SimClerk) -> None:
        cash = {"kind": "cash", "amount": 3_600}
        await sell(clerk, "GOODS", cash, lines=(SOCKS, VASE, CUP), **CASH)
        await clerk.log_in()
        clerk.scan("GOODS")
        await clerk.at("sale: enter", "refund.amount: menu", "refund.lines")
        beeps = clerk.site.terminal.screen.beeps
        clerk.scan("S1")
        await clerk.wait_text(socks)
        await clerk.at(": 2")
        await clerk.wait_text(vase)
        assert clerk.site.terminal.screen.beeps == beeps + 2
        clerk.scan("C1")
        await clerk.wait_text("7.00")
        # all of it is refused with the ground, but a defect asks a supervisor who reads it
        clerk.scan("C1")
        await clerk.at(": 3", "refund.quantity: 0 enter", "refund.lines: menu")
        await clerk.at("refund.amount: enter", "refund.reason: 4", "result")
        assert socks in " ".join(clerk.text.split())
        await clerk.home()
        clerk.scan("GOODS")
        await clerk.at("sale: enter", "refund.amount: enter", "refund.reason: 1")
        await clerk.wait("supervisor.number")
        assert socks in " ".join(clerk.text.split())
        await clerk.home()

    tell(story, Setting(language=language, rules=LISTED))
