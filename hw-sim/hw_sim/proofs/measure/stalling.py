"""Keys and watchdog pings while every use of the disk takes 250 ms, one after the other."""

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

STALL_SECONDS: Final = 0.25
WATCHDOG_SECONDS: Final = 0.6
"""Of the environment; a ping is due each third of it."""
ECHO_GOAL: Final = 20.0
KEYS: Final = 200
_PAUSE_SECONDS: Final = 0.02


def measure(stand: Stand) -> list[Row]:
    """One row."""
    with notified(stand) as (notify, environment):
        environment |= {"WATCHDOG_USEC": str(int(WATCHDOG_SECONDS * 1e6)), "TERM": "linux"}
        files = stand.stage.files
        words = ["--config", str(files.config), "--stall", str(STALL_SECONDS)]
        pings = _Pings(notify)
        with Keyboard(
            [sys.executable, "-P", "-m", "hw_sim.proofs.measure.terminal", *words],
            keypad=files.folder / "inputs" / "keypad",
            environment=environment,
            log=files.folder / "terminal.log",
        ) as keyboard:
            Hands(files.folder).wait("login.number", 60)
            pings.begin()
            seconds = [_press(keyboard, turn) for turn in range(KEYS)]
            missed = pings.end()
    stand.stage.fresh_inputs()
    checks = (
        Check("p50", percentile(seconds, 0.5) * 1e3, ECHO_GOAL, "ms"),
        Check("p99", percentile(seconds, 0.99) * 1e3, ECHO_GOAL, "ms"),
        Check("missed", missed, 0, "pings"),
    )
    note = f"{KEYS} keys while writes follow each other, each after {STALL_SECONDS * 1e3:.0f} ms"
    return [Row("key echo with stalls of the disk", "none", checks, note)]


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
