"""Every wait for the acquirer counts down on the screen, and is over by then (issue 8, 8)."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest
from hw_sim.proofs.simulation.clerk import SimClerk
from hw_sim.proofs.simulation.site import Setting
from worlds.counter import ENGLISH, NEVER, at_the_counter, logged_in

from pos_terminal import flows
from pos_terminal.core.people import Role
from pos_terminal.texts import Language

WAITS = ("host.connect", "host.wait", "owed.wait", "line.wait", "line.probe")
SHORT = (
    "print.wait",
    "supervisor.wait",
    "login.wait",
    "unknown.wait",
    "manual.wait",
    "outcomes.wait",
    "voucher.wait",
)
"""The printer's, a hash of a PIN, a commit."""
SLOW = Setting(language=Language.EN, acquirer={"answer_seconds": 30.0, "customer_seconds": 70.0})


def seconds(clerk: SimClerk) -> int | None:
    """The seconds on the screen."""
    found = re.search(r"At most\s+(\d+) s", clerk.text)
    return int(found[1]) if found else None


async def counted(clerk: SimClerk, prompt: str) -> list[tuple[float, int]]:
    """At each second of this wait, to its end: when, and what was left by the screen."""
    await clerk.wait(prompt)
    told = []
    while clerk.prompt == prompt:
        left = seconds(clerk)
        if left is not None:
            told.append((clerk.site.loop.time(), left))
        await asyncio.sleep(0.5)
    return told


def holds(told: list[tuple[float, int]], ended: float, first: int) -> None:
    """It begins there, goes down with the clock, and the wait is over when it says so."""
    assert told[0][1] in (first, first - 1)
    assert all(0 <= a - b <= 1 for (_, a), (_, b) in pairwise(told))
    assert len({left for _, left in told}) >= 5
    for at, left in told:
        assert ended <= at + left + 1.5


async def asked(clerk: SimClerk) -> None:
    await clerk.to_card(clerk.site.shop.sale("visa-older"), 123)


@logged_in(SLOW)
async def test_until_the_pending_certificate(clerk: SimClerk) -> None:
    clerk.site.acquirer.set_mode("swallow")
    await asked(clerk)
    clerk.tap("visa")
    await clerk.wait("host.wait")
    await clerk.wait_text("No answer then: a pending slip")
    told = await counted(clerk, "host.wait")
    ended = clerk.site.loop.time()
    clerk.take_away()
    await clerk.wait("result")
    holds(told, ended, 69)
    assert ended - told[0][0] >= 60  # and not long before it


@logged_in(NEVER)
async def test_until_the_time_out_where_nothing_is_sent_again(clerk: SimClerk) -> None:
    """What is never repeated gets its certificate as soon as the first answer does not come."""
    clerk.site.acquirer.set_mode("swallow")
    await asked(clerk)
    clerk.tap("visa")
    told = await counted(clerk, "host.wait")
    ended = clerk.site.loop.time()
    clerk.take_away()
    await clerk.wait("result")
    holds(told, ended, 60)
    assert told[-1][1] <= 1


def slow_connection(clerk: SimClerk) -> None:
    honest = clerk.site.wires.connect

    async def connect(host: str = "", port: int = 0) -> object:
        await asyncio.sleep(100)
        return await honest(host, port)

    clerk.site.acquirer.drop_connections()
    clerk.site.wires.connect = connect  # type: ignore[method-assign, assignment] # put there


def silent(clerk: SimClerk) -> None:
    clerk.site.acquirer.set_mode("swallow", on=["sign-on", "echo"])


@pytest.mark.parametrize(
    ("way", "fault"), [("7 1", silent), ("7 2", silent), ("7 1", slow_connection)]
)
@at_the_counter(ENGLISH)
async def test_the_technicians_sign_on_and_echo(
    clerk: SimClerk, way: str, fault: Callable[[SimClerk], None]
) -> None:
    tech = clerk.site.shop.person(Role.TECHNICIAN)
    await clerk.at(f"login.number: {tech.number} enter", f"login.pin: {tech.pin} enter", "menu")
    await clerk.site.until(lambda: "!offline" not in clerk.text, 30, "line")
    fault(clerk)
    await clerk.at(f"menu: {way}")
    told = await counted(clerk, "line.wait")
    ended = clerk.site.loop.time()
    await clerk.wait("failure")
    holds(told, ended, 30)


@logged_in()
async def test_the_connection_before_a_card(clerk: SimClerk) -> None:
    """Its seconds, and it is over within them."""
    await asked(clerk)
    await asyncio.sleep(1)
    slow_connection(clerk)
    clerk.site.acquirer.set_mode("demand:3", on=["echo"])
    clerk.tap("visa")
    told = await counted(clerk, "host.connect")
    ended = clerk.site.loop.time()
    clerk.take_away()
    await clerk.wait("failure")
    holds(told, ended, 10)


def test_no_wait_for_the_acquirer_is_forgotten() -> None:
    """All prompts of the flows that are a wait; those of others are short, or the printer's."""
    found: set[str] = set()
    for file in Path(flows.__path__[0]).rglob("*.py"):
        found |= set(re.findall(r'"([a-z]+\.(?:wait|connect|probe))"', file.read_text("utf-8")))
    assert found == {*WAITS, *SHORT}
