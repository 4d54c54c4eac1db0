"""A line that goes down and comes back while a sale is on the screen: what ``state`` says is what
the wire did (issue 8, 7), and a terminal that says otherwise is noticed."""

from __future__ import annotations

import asyncio
from typing import Any
from unittest.mock import patch

import pytest
from hw_sim.proofs.simulation.clerk import SimClerk
from hw_sim.proofs.simulation.line_truth import LineTruth
from hw_sim.proofs.simulation.mutants import LINE
from hw_sim.proofs.simulation.site import Setting, Site, run_site

from pos_terminal.texts import Language

WRONG = {
    "a dead line is not noticed": "is said to be up, and the wire last refused",
    "no probes": "the line was not tried",
    "a line never comes back": "is said to be down, and the wire last opened",
}


def objections(setting: Setting) -> list[str]:
    """Of a minute with a good line, one without and one with it again, over one sale."""

    async def story(site: Site) -> list[str]:
        site.start()
        clerk = SimClerk(site)
        await clerk.wait_for_life()
        await clerk.log_in()
        truth = LineTruth(site)
        watching = asyncio.ensure_future(truth.work())
        await clerk.find(site.shop.sale("visa-older"))
        for plugged in (True, False, True):
            site.wires.plugged = plugged
            if not plugged:
                site.acquirer.drop_connections()
            await asyncio.sleep(60)
        watching.cancel()
        assert truth.asked > 30
        assert site.crashes == []
        return [*site.objections]

    return run_site(story, setting)


@pytest.mark.parametrize("profile", ["cup", "generic"])
def test_what_is_said_is_what_the_wire_did(profile: str) -> None:
    assert objections(Setting(profile=profile, language=Language.EN)) == []


def test_every_mutant_is_tried() -> None:
    assert WRONG.keys() == LINE.keys()


@pytest.mark.parametrize("name", WRONG)
def test_a_terminal_that_says_otherwise_is_noticed(name: str) -> None:
    with LINE[name]():
        found = objections(Setting(language=Language.EN))
    assert any(WRONG[name] in one for one in found)


def test_an_answer_that_comes_after_what_was_said_is_not_held_against_it() -> None:
    async def story(site: Site) -> list[str]:
        site.start()
        clerk = SimClerk(site)
        await clerk.wait_for_life()
        await clerk.log_in()
        await clerk.find(site.shop.sale("visa-older"))
        terminal = site.terminal

        async def state(_: dict[str, Any]) -> dict[str, Any]:
            terminal.wire.sent()
            asyncio.get_running_loop().call_soon(terminal.wire.heard)
            return {"host": {"line": "silent"}}

        truth = LineTruth(site)
        watching = asyncio.ensure_future(truth.work())
        with patch.dict(terminal.verbs, {"state": state}):
            await asyncio.sleep(12)
        watching.cancel()
        assert truth.asked > 1
        return [*site.objections]

    assert run_site(story, Setting(language=Language.EN)) == []
