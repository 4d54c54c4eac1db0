"""Cash where no drawer hangs on the printer: nothing is kicked, and nothing claims that it was."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from hw_sim.proofs.simulation import site
from hw_sim.proofs.simulation.clerk import SimClerk

from pos_terminal.config import Config, Printer
from pos_terminal.core.refund import State

Counter = Callable[..., None]


@pytest.mark.parametrize("drawer", [True, False])
def test_the_drawer_opens_only_where_there_is_one(
    at_the_counter: Counter, monkeypatch: pytest.MonkeyPatch, drawer: bool
) -> None:
    made = site.make_config

    def make_config(*args: Any, **options: Any) -> Config:
        printer = Printer(port="simulated", drawer=drawer)
        return msgspec.structs.replace(made(*args, **options), printer=printer)

    async def story(clerk: SimClerk) -> None:
        await clerk.log_in()
        sale = clerk.site.shop.sale("cash-today")
        await clerk.ask_for(sale)
        await clerk.approve()
        await clerk.wait("cash.hand_over")
        assert "drawer" not in clerk.site.terminal.screen.text
        clerk.press("cancel")
        await clerk.wait("home")
        await clerk.from_menu("Cash to hand over")
        await clerk.wait("cash.choose")
        clerk.press("1")
        await clerk.approve(1)
        await clerk.wait("cash.hand_over")
        clerk.press("enter")
        await clerk.wait("result")
        (refund,) = clerk.site.ledger.refunds.of_sale(sale.sale_id)
        assert refund.state is State.HANDED_OVER
        opened = 2 if drawer else 0
        assert clerk.site.parts.drawer == opened
        assert clerk.site.ledger.db.execute("SELECT drawer FROM refunds").fetchone()[0] == opened

    monkeypatch.setattr(site, "make_config", make_config)
    at_the_counter(story)
