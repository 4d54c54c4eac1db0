"""A loop that stands still: its pings stop, the watchdog ends it, the next start goes on."""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from hw_sim.bench.client import ask
from hw_sim.bench.running import until
from hw_sim.device import BenchError
from worlds.crash import Crash

SALE = "visa-older"
WATCHDOG_SECONDS = 0.9
"""In the unit it is ten; a ping comes each third of it."""
PATIENCE = 30.0


class Manager:
    """What systemd does for the unit: it hears READY and pings."""

    def __init__(self, path: Path) -> None:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(str(path))
        usec = int(WATCHDOG_SECONDS * 1e6)
        self.prefix = ["env", f"NOTIFY_SOCKET={path}", f"WATCHDOG_USEC={usec}"]

    def close(self) -> None:
        self._socket.close()

    def hear(self, wanted: bytes, seconds: float = PATIENCE) -> None:
        """Until this was said; TimeoutError after so long without a word."""
        self._socket.settimeout(seconds)
        while not self._socket.recv(4096).startswith(wanted):
            pass

    def silent(self) -> bool:
        """Whether it says nothing for as long as the watchdog waits; else what it said is gone."""
        try:
            self.hear(b"", WATCHDOG_SECONDS)
        except TimeoutError:
            return True
        return False


@pytest.fixture
def manager(tmp_path: Path) -> Iterator[Manager]:
    found = Manager(tmp_path / "notify")
    yield found
    found.close()


def test_a_frozen_loop_is_ended_by_the_watchdog_and_the_refund_found_again(
    crashing: Crash, manager: Manager
) -> None:
    crash = crashing()
    crash.open_up(before=manager.prefix)
    manager.hear(b"READY=1")
    for _ in range(3):
        manager.hear(b"WATCHDOG=1")
    sale = crash.ask_card(SALE, "100")
    crash.arm("seal:after=freeze")
    crash.hands.tap("visa")
    until(manager.silent, bool, PATIENCE, "silence")
    assert crash.alive
    with pytest.raises(BenchError, match="no answer"):
        ask(crash.hands.control, {"verb": "state"}, seconds=0.5)
    os.kill(crash.pid, signal.SIGABRT)  # as the unit's watchdog does
    until(lambda: crash.alive, lambda alive: not alive, PATIENCE, "the end")
    crash.start(before=manager.prefix)
    manager.hear(b"READY=1")
    manager.hear(b"WATCHDOG=1")
    crash.log_in()
    crash.at_rest("accepted")
    assert crash.tender(sale) == (100, 0)
    assert [row["paid"] for row in crash.given_back()] == [100]
    assert crash.differences() == []


def test_a_disk_that_stands_still_does_not_stop_the_pings(
    crashing: Crash, manager: Manager
) -> None:
    """The writer's thread hangs inside a step; the loop goes on, and so does the screen."""
    crash = crashing()
    crash.open_up(before=manager.prefix)
    crash.ask_card(SALE, "100")
    crash.arm("seal:inside=freeze")
    crash.hands.tap("visa")
    until(
        lambda: crash.hands.do("reached"),
        lambda names: "seal:inside" in names,
        PATIENCE,
        "the seal",
    )
    for _ in range(6):
        manager.hear(b"WATCHDOG=1")
    assert crash.hands.screen()["prompt"]
    crash.kill()
    crash.reopen()
    assert crash.refunds() == []
