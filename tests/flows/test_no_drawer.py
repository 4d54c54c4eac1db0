"""Cash where no drawer hangs on the printer: nothing is kicked, and nothing claims that it was."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hw_sim.proofs.simulation import shop
from hw_sim.proofs.simulation.clerk import SimClerk
from worlds.counter import logged_in, tell

from pos_terminal.config import Config, Printer
from pos_terminal.core.refund import State


@pytest.mark.parametrize("drawer", [True, False])
def test_the_drawer_opens_only_where_there_is_one(
    monkeypatch: pytest.MonkeyPatch, drawer: bool
) -> None:
    made = shop.make_config

    def make_config(*args: Any, **options: Any) -> Config:
        printer = Printer(port="simulated", drawer=drawer)
        return msgspec.structs.replace(made(*args, **options), printer=printer)

    async def story(clerk: SimClerk) -> None:
        await clerk.log_in()
        sale = clerk.site.shop.sale("cash-today")
        await clerk.ask_for(sale)
        await clerk.approve()
        await clerk.pay_out()
        await clerk.wait("cash.hand_over")
        assert "drawer" not in clerk.text
        await clerk.go("cancel", to="home")
        await clerk.from_menu("Cash to hand over")
        await clerk.at("cash.choose: 1")
        await clerk.approve(1)
        await clerk.at("cash.hand_over: enter", "result")
        (refund,) = clerk.site.refunds_of(sale.sale_id)
        assert refund.state is State.HANDED_OVER
        opened = 2 if drawer else 0
        assert clerk.site.parts.drawer == opened
        assert clerk.site.ledger.db.execute("SELECT drawer FROM refunds").fetchone()[0] == opened

    monkeypatch.setattr("hw_sim.proofs.simulation.site.make_config", make_config)
    tell(story)


@logged_in()
async def test_a_printer_without_paper_opens_no_drawer_which_is_said(clerk: SimClerk) -> None:
    """The pulse would lie in the printer and open it by surprise, once there is paper. It is the
    printer's wire that opens it: there is the key, or a supervisor once there is paper."""
    parts = clerk.site.parts
    parts.printer.printer.change(paper_out=True)
    sale = clerk.site.shop.sale("cash-today")
    await clerk.ask_for(sale)
    await clerk.approve()
    await clerk.pay_out()
    await clerk.wait("cash.hand_over")
    assert "Drawer did not open: use the key" in clerk.text
    await clerk.go("cancel", to="home")
    parts.printer.printer.change(paper_out=False)
    await clerk.site.until(lambda: len(clerk.papers) == 2, 60, "slips")
    assert parts.drawer == 0
    await clerk.from_menu("Cash to hand over")
    await clerk.at("cash.choose: 1")
    await clerk.approve(1)
    await clerk.wait("cash.hand_over")
    assert "Drawer" not in clerk.text
    assert parts.drawer == 1
