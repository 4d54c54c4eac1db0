"""A reference number with letters can't be typed: it is scanned at its prompt (R2)."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hw_sim.proofs.simulation.clerk import SimClerk

from pos_terminal.wire.feed.lines import Format

Counter = Callable[..., None]
RRN = "63240A0000bZ"


def record(clerk: SimClerk, rrn: str) -> dict[str, Any]:
    terminal = clerk.site.terminal.config.terminal
    sold_at = clerk.site.parts.wall.now().replace(microsecond=0)
    return {
        "kind": "sale",
        "sale_id": "LETTERS",
        "merchant_id": terminal.merchant_id,
        "terminal_id": terminal.terminal_id,
        "batch": "000900",
        "trace": "000777",
        "rrn": rrn,
        "auth_code": "",
        "sold_at": sold_at.isoformat(),
        "currency": "156",
        "amount": 500,
        "receipt_no": "",
        "state": "approved",
        "tenders": [
            {"kind": "card", "amount": 500, "masked": "476173******0010", "scheme": "VISA"}
        ],
        "lines": [],
    }


@pytest.mark.parametrize("rrn", [RRN, "632400000777"])
def test_a_scanned_reference_goes_on_to_the_date(at_the_counter: Counter, rrn: str) -> None:
    async def story(clerk: SimClerk) -> None:
        sale = record(clerk, rrn)
        report = await clerk.site.ledger.feed.take_in(
            [json.dumps(sale)], source="test", form=Format.JSONL, allow_pan=False
        )
        assert report.added == 1, report
        await clerk.log_in()
        await clerk.from_menu("Find by reference")
        await clerk.wait("find.rrn")
        clerk.press("12")
        for wrong in (rrn[:11], rrn + "1", rrn[:11] + "é", rrn[:11] + "-"):
            clerk.scan(wrong)
        clerk.scan(rrn)
        await clerk.wait("find.date")
        clerk.press(clerk.site.parts.wall.now().strftime("%m%d"), "enter")
        await clerk.wait("sale")
        assert "000777" in clerk.site.terminal.screen.text

    at_the_counter(story)
