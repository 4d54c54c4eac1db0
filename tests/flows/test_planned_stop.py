"""A planned stop never cuts off a refund in flight (the unit's TimeoutStopSec leaves room)."""

from __future__ import annotations

import asyncio

import pytest
from hw_sim.proofs.simulation import process
from hw_sim.proofs.simulation.clerk import SimClerk
from worlds.counter import tell

from pos_terminal.app import Terminal
from pos_terminal.core.refund import State


@pytest.mark.parametrize("seconds", [5, 40])
def test_an_answer_that_is_on_its_way_is_waited_for(
    monkeypatch: pytest.MonkeyPatch, seconds: int
) -> None:
    made: list[Terminal] = []

    class Kept(Terminal):
        def __init__(self, *parts: object) -> None:
            super().__init__(*parts)  # type: ignore[arg-type] # as much as it needs
            made.append(self)

    async def story(clerk: SimClerk) -> None:
        await clerk.log_in()
        sale = clerk.site.shop.sale("visa-older")
        await clerk.to_card(sale, 100)
        clerk.site.acquirer.set_mode(f"delay:{seconds}", 1)
        clerk.tap("visa")
        ledger, key = clerk.site.ledger, clerk.site.sale(sale.sale_id).key
        await clerk.site.until(lambda: bool(clerk.site.refunds_of(sale.sale_id)), 60, "seal")
        (terminal,) = made
        await _stop(clerk, terminal)
        (refund,) = ledger.refunds.of_sale(key)
        assert refund.state is State.ACCEPTED

    monkeypatch.setattr(process, "Terminal", Kept)
    tell(story)


async def _stop(clerk: SimClerk, terminal: Terminal) -> None:
    """As ``run_terminal`` does it."""
    serving = clerk.site.terminal._serving
    assert serving is not None
    serving.cancel()
    await asyncio.gather(serving, return_exceptions=True)
    await terminal.finish()
