"""A start imports only what it needs: what costs time comes in where it is used first."""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec

import pytest

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
    "pos_terminal.flows.home",
    "pos_terminal.flows.refund.give_back",
    "pos_terminal.services.card.reading",
    "pos_terminal.services.host.ports",
    "pos_terminal.services.intake.inbox",
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
    "pos_terminal.wire.receipt.kinds",
    "pos_terminal.wire.receipt.render",
    "pos_terminal.wire.receipt.to_escpos",
}
"""Modules of our own that are imported where they are needed first, or only for types."""


def imported(module: str) -> set[str]:
    """All that a fresh process has imported once it has ``module``."""
    script = f"import sys, {module}; print(*sys.modules)"
    command = [sys.executable, "-P", "-c", script]
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=60)
    return set(done.stdout.split())


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
