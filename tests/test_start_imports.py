"""A start imports only what it needs: what costs time comes in where it is used first."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from importlib.util import find_spec
from typing import Any
from unittest.mock import MagicMock

import pytest

from pos_terminal import later
from pos_terminal.control.classes import TOOLS
from pos_terminal.control.server import Verb
from pos_terminal.control.tools import tool_verbs

HEAVY = {
    "PIL",
    "argon2",
    "cryptography",
    "escpos",
    "evdev",
    "luma",
    "qrcode",
    "serial",
    "smartcard",
    "sqlite_utils",
}
"""Libraries that a start does not wait for."""
LATE = {
    "pos_drivers.display_ansi",
    "pos_drivers.display_luma",
    "pos_drivers.evdev_node",
    "pos_drivers.scanner_evdev",
    "pos_drivers.scanner_serial",
    "pos_terminal.control.tools",
    "pos_terminal.control.voucher",
    "pos_terminal.flows.home",
    "pos_terminal.flows.refund.give_back",
    "pos_terminal.services.card.reading",
    "pos_terminal.services.host.ports",
    "pos_terminal.flows.people.change_pin",
    "pos_terminal.services.intake.inbox",
    "pos_terminal.services.intake.outcome_inbox",
    "pos_terminal.services.ledger.importing",
    "pos_terminal.services.ledger.importing_outcomes",
    "pos_terminal.services.ledger.ports",
    "pos_terminal.services.money.by_file",
    "pos_terminal.services.paper.slips",
    "pos_terminal.services.proof.auditing",
    "pos_terminal.services.security.provisioning",
    "pos_terminal.services.security.tpm",
    "pos_terminal.wire.card_dialogue",
    "pos_terminal.wire.feed.lines",
    "pos_terminal.wire.feed.outcomes",
    "pos_terminal.wire.receipt.all_kinds",
    "pos_terminal.wire.receipt.render",
    "pos_terminal.wire.receipt.to_escpos",
}
"""Modules of our own that are imported where they are needed first, or only for types."""


AT_ONCE = 23
"""Modules that come together: each takes some 0.2 ms here, 1.6 ms on a Pi 4 eight times as slow; a
key may wait 37."""
_COUNT = """
import json, sys
import pos_terminal.app
from importlib import import_module
from pos_terminal.later import PIECES
found = []
for name in (*PIECES, "pos_terminal.services.paper.slips", "pos_terminal.flows.home"):
    before = set(sys.modules)
    import_module(name)
    found.append([name, sorted(set(sys.modules) - before)])
print(json.dumps(found))
"""


def said_by(script: str) -> str:
    """By a fresh process."""
    command = [sys.executable, "-P", "-c", script]
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=60)
    return done.stdout


def imported(module: str) -> set[str]:
    """All that a fresh process has imported once it has ``module``."""
    return set(said_by(f"import sys, {module}; print(*sys.modules)").split())


def test_the_terminal_starts_without_what_it_needs_later() -> None:
    found = imported("pos_terminal.app")
    assert {name.partition(".")[0] for name in found} & HEAVY == set()
    assert found & LATE == set()


def test_the_terminal_starts_without_the_protocols_of_its_books() -> None:
    """They are for the type checker alone; values are in ``ports/records.py``."""
    found = imported("pos_terminal.app")
    assert [name for name in found if name.startswith("pos_terminal.ports.books")] == []
    assert find_spec("pos_terminal.ports.books.refunds") is not None


@pytest.mark.parametrize("module", ["pos_terminal.__main__", "pos_terminal.cli.run"])
def test_the_command_starts_without_the_terminal(module: str) -> None:
    found = imported(module)
    assert {name.partition(".")[0] for name in found} & HEAVY == set()
    assert "pos_terminal.app" not in found


def test_what_comes_late_is_there() -> None:
    """Otherwise a module that was renamed would be late for ever."""
    for name in LATE | HEAVY:
        assert find_spec(name) is not None, name


def test_what_comes_later_comes_in_small_pieces_and_wholly() -> None:
    *pieces, slips, home = json.loads(said_by(_COUNT))
    assert [name for name, came in pieces if len(came) > AT_ONCE] == []
    assert [name for name, came in pieces if name not in came] == [], "in vain: it was there"
    assert [slips[1], home[1]] == [[], []]


def test_the_loop_goes_round_between_two_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    turn = 0
    seen: list[int] = []

    async def others() -> None:
        nonlocal turn
        while len(seen) < 3:
            turn += 1
            await asyncio.sleep(0)

    async def run() -> None:
        later.come_in([lambda: seen.append(turn)] * 3, after=0.0)
        await asyncio.wait_for(others(), 10)

    monkeypatch.setattr(later, "PIECES", ())
    asyncio.run(run())
    assert seen == sorted(set(seen)), "two in one turn"


def test_what_a_tool_may_ask_is_what_the_late_verbs_answer() -> None:
    nothing: Any = MagicMock()
    named = ("board", "authoriser", "ledger", "clock", "intake", "outcomes", "receive")
    assert set(tool_verbs(nothing, **dict.fromkeys(named, nothing))) == TOOLS


def test_late_verbs_are_made_once_and_by_the_first_request() -> None:
    made: list[str] = []

    async def run() -> None:
        async def one(request: dict[str, Any]) -> dict[str, Any]:
            return {"one": request["number"]}

        async def other(_: dict[str, Any]) -> dict[str, Any]:
            return {}

        def make() -> dict[str, Verb]:
            made.append("made")
            return {"one": one, "other": other}

        verbs = later.verbs_later(("one", "other"), make)
        assert made == []
        assert await verbs["one"]({"number": 1}) == {"one": 1}
        assert await verbs["other"]({}) == {}

    asyncio.run(run())
    assert made == ["made"]
