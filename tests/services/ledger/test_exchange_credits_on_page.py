"""What ``ledger --json`` has of exchange credits is on the page."""

from __future__ import annotations

from pathlib import Path

from worlds.exchange_credits import bring_back, buy, made, sell, settle, take
from worlds.ledger import World

from pos_terminal.core.refund import Kind
from pos_terminal.services.ledger.overview import overview

PAGE = Path(__file__).parents[3] / "docs" / "exchange.md"
OF_IT = ("legs", "takings", "rest", "bought", "reopened")


def test_each_name_of_a_credit_is_on_the_page(world: World) -> None:
    credit = made(sell(world))
    take(world, credit, 1_200)
    buy(world, "B1", credit.number, 1_200)
    bring_back(world, "B1", 1_200, (1, Kind.REFUND, 1_000), (2, Kind.CASH, 200))
    settle(world, credit, (2, Kind.CASH, 300))
    (shown,) = overview(world.store.db)["exchange_credits"]
    text = " ".join(PAGE.read_text("utf-8").split())
    assert [one for one in shown if f"`{one}`" not in text] == []
    for name in OF_IT:
        assert shown[name], name
        near = [each[:320] for each in text.split(f"`{name}`")[1:]]
        assert any(all(f"`{one}`" in each for one in shown[name][0]) for each in near), name
