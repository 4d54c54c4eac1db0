"""Keys and watchdog pings while every use of the disk takes long, one after the other."""

from __future__ import annotations

import socket
import sys
import threading
import time
from typing import Final

from hw_sim.bench.running import Hands
from hw_sim.device import BenchError
from hw_sim.proofs.measure.figures import Check, Row, percentile
from hw_sim.proofs.measure.keyboard import Keyboard
from hw_sim.proofs.measure.stand import Stand
from hw_sim.proofs.measure.starting import notified

STALLS: Final = {0.25: 200, 5.0: 500}
"""Seconds of each use of the disk, and how many keys are pressed meanwhile: 4 and 10 s of them."""
WATCHDOG_SECONDS: Final = 0.6
"""Of the environment; a ping is due each third of it."""
ECHO_GOAL: Final = 20.0
_PAUSE_SECONDS: Final = 0.02


def measure(stand: Stand) -> list[Row]:
    """A row for each length of a stall."""
    return [_row(stand, seconds, keys) for seconds, keys in STALLS.items()]


def _row(stand: Stand, stall: float, keys: int) -> Row:
    with notified(stand) as (notify, environment):
        environment |= {"WATCHDOG_USEC": str(int(WATCHDOG_SECONDS * 1e6)), "TERM": "linux"}
        files = stand.stage.files
        words = ["--config", str(files.config), "--stall", str(stall)]
        pings = _Pings(notify)
        with Keyboard(
            [sys.executable, "-P", "-m", "hw_sim.proofs.measure.terminal", *words],
            keypad=files.folder / "inputs" / "keypad",
            environment=environment,
            log=files.folder / "terminal.log",
        ) as keyboard:
            Hands(files.folder).wait("login.number", 60)
            pings.begin()
            started = time.monotonic()
            seconds = [_press(keyboard, turn) for turn in range(keys)]
            stalled = time.monotonic() - started
            missed = pings.end()
    stand.stage.fresh_inputs()
    checks = (
        Check("p50", percentile(seconds, 0.5) * 1e3, ECHO_GOAL, "ms"),
        Check("p99", percentile(seconds, 0.99) * 1e3, ECHO_GOAL, "ms"),
        Check("missed", missed, 0, "pings"),
    )
    note = f"{keys} keys in {stalled:.0f} s while writes follow each other"
    return Row(f"key echo with stalls of the disk of {stall * 1e3:.0f} ms", "none", checks, note)


def _press(keyboard: Keyboard, turn: int) -> float:
    time.sleep(_PAUSE_SECONDS)  # the keys are spread over many stalls
    return keyboard.press("clear" if turn % 2 else "1")[0]


class _Pings:
    """Watchdog pings that came too late, counted in a thread of its own."""

    def __init__(self, notify: socket.socket) -> None:
        self._notify = notify
        self._stop = threading.Event()
        self._missed = 0
        self._heard = 0
        self._thread = threading.Thread(target=self._listen, daemon=True)

    def begin(self) -> None:
        self._thread.start()

    def end(self) -> int:
        """BenchError where there were none at all."""
        self._stop.set()
        self._thread.join()
        if self._heard < 2:
            raise BenchError("the terminal sent no watchdog pings")
        return self._missed

    def _listen(self) -> None:
        self._notify.settimeout(WATCHDOG_SECONDS)
        last = 0.0
        while not self._stop.is_set():
            try:
                said = self._notify.recv(4096)
            except TimeoutError:
                self._missed += 1
                continue
            if said != b"WATCHDOG=1":
                continue
            now = time.monotonic()
            self._missed += bool(last) and now - last > WATCHDOG_SECONDS
            last, self._heard = now, self._heard + 1
