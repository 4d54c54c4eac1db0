"""The clerk reads that the line is dead before a supervisor types a PIN (issue 8, 7; R82)."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import Any

import pytest
from hw_sim.proofs.simulation import screen
from hw_sim.proofs.simulation.clerk import SimClerk
from hw_sim.proofs.simulation.site import Setting
from worlds.counter import in_each_language, logged_in, state_of

from pos_terminal.core import cells
from pos_terminal.texts import Language

NO_LINE = {Language.ZH_CN: "线路不通", Language.EN: "No line to the acquirer"}
WITHIN = 21
"""Seconds: every 15 a probe, and 5 until one is given up."""


async def cut(clerk: SimClerk) -> None:
    await signed_on(clerk)
    clerk.site.wires.plugged = False
    clerk.site.acquirer.drop_connections()


def mend(clerk: SimClerk) -> None:
    clerk.site.wires.plugged = True


async def signed_on(clerk: SimClerk) -> None:
    while not (await host(clerk))["signed_on"]:
        await asyncio.sleep(0.1)


async def host(clerk: SimClerk) -> dict[str, Any]:
    told: dict[str, Any] = (await state_of(clerk))["host"]
    return told


@pytest.mark.parametrize("language", Language)
@in_each_language()
async def test_the_sales_screen_says_it_and_that_it_is_back(
    clerk: SimClerk, language: Language
) -> None:
    await clerk.log_in()
    await clerk.find(clerk.site.shop.sale("visa-older"))
    assert NO_LINE[language] not in clerk.text
    await cut(clerk)
    at = clerk.site.time.now()
    await clerk.wait_text(NO_LINE[language], WITHIN)
    told = await host(clerk)
    assert told["line"] == "down"
    since = datetime.fromisoformat(told["since"])
    assert at - timedelta(seconds=1) <= since <= at + timedelta(seconds=WITHIN)
    mend(clerk)
    await clerk.site.until(lambda: NO_LINE[language] not in clerk.text, WITHIN, "line")
    told = await host(clerk)
    assert (told["line"], told["tech"]) == ("up", "")
    assert told["since"] <= told["probed_at"]


@logged_in()
async def test_a_sale_in_cash_needs_no_line(clerk: SimClerk) -> None:
    await cut(clerk)
    await clerk.find(clerk.site.shop.sale("cash-today"))
    await clerk.site.until(lambda: "!offline" in clerk.text, WITHIN, "mark")
    assert "No line" not in clerk.text
    await clerk.at("sale: enter", "refund.amount: enter", "refund.reason: 1", "supervisor.number")


@logged_in()
async def test_no_supervisor_is_called_for_a_dead_line_and_it_goes_on_by_itself(
    clerk: SimClerk,
) -> None:
    await clerk.find(clerk.site.shop.sale("visa-older"))
    await cut(clerk)
    await clerk.wait_text("No line", WITHIN)
    await clerk.at("sale: enter", "refund.amount: 1 0 0 enter", "refund.reason: 1", "line.down")
    assert "1.00" in clerk.text
    assert "try again" in clerk.text
    mend(clerk)
    assert await clerk.wait("supervisor.number", seconds=WITHIN) == "supervisor.number"
    await clerk.approve()
    assert await clerk.show_card("visa") == "result"
    assert clerk.site.ledger.refunds.recent(1)[0].state == "accepted"


@logged_in()
async def test_enter_tries_at_once_and_cancel_leaves(clerk: SimClerk) -> None:
    await clerk.find(clerk.site.shop.sale("visa-older"))
    await cut(clerk)
    await clerk.wait_text("No line", WITHIN)
    await clerk.at("sale: enter", "refund.amount: 1 0 0 enter", "refund.reason: 1", "line.down")
    clerk.press("enter")
    await clerk.wait("line.down")
    mend(clerk)
    at = clerk.site.loop.time()
    clerk.press("enter")
    await clerk.wait("supervisor.number")
    assert clerk.site.loop.time() - at < 2
    clerk.press("cancel")
    await cut(clerk)
    await clerk.wait("home")
    await clerk.find(clerk.site.shop.sale("visa-older"))
    await clerk.wait_text("No line", WITHIN)
    await clerk.at("sale: enter", "refund.amount: 1 0 0 enter", "refund.reason: 1")
    await clerk.at("line.down: cancel", "home")
    assert clerk.site.application(2).state == "cancelled"


@logged_in()
async def test_at_home_the_mark_goes_within_seconds_of_the_lines_return(clerk: SimClerk) -> None:
    await clerk.find(clerk.site.shop.sale("visa-older"))
    await cut(clerk)
    await clerk.wait_text("No line", WITHIN)
    await clerk.at("sale: cancel", "home")
    assert "!offline" in clerk.text
    mend(clerk)
    await clerk.site.until(lambda: "!offline" not in clerk.text, WITHIN, "mark gone")
    assert clerk.prompt == "home"


@logged_in(Setting(language=Language.EN))
async def test_a_silent_sign_on_is_the_acquirers_silence(clerk: SimClerk) -> None:
    """Not an unproven clock, which is only what follows from it."""
    site = clerk.site
    site.acquirer.set_mode("swallow", on=["sign-on"])
    site.parts.synchronised = False
    site.terminal.kill()
    await site.revive()
    await clerk.wait_for_life()
    await clerk.log_in()
    clerk.scan(site.shop.sale("visa-older").receipt_no)
    await clerk.wait("failure")
    assert "The acquirer does not answer" in clerk.text
    assert "Clock" not in clerk.text
    assert (await host(clerk))["line"] == "silent"
    await clerk.at("failure: enter", "home")
    assert "!host silent" in clerk.text


@pytest.mark.parametrize("language", Language)
@in_each_language()
async def test_the_least_display_has_it(
    clerk: SimClerk, language: Language, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(screen, "COLUMNS", 20)
    monkeypatch.setattr(screen, "ROWS", 8)
    clerk.site.terminal.kill()
    await clerk.site.revive()
    await clerk.wait_for_life()
    await clerk.log_in()
    await clerk.find(clerk.site.shop.sale("visa-older"))
    await cut(clerk)
    shown = NO_LINE[language].replace(" ", "")
    await clerk.site.until(
        lambda: shown in clerk.text.replace("\n", "").replace(" ", ""), WITHIN, "line"
    )
    frame = clerk.site.terminal.screen.frame
    assert frame is not None
    assert all(cells.width(row.text) <= 20 for row in frame.rows)
