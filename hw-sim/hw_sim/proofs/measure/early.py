"""Keys in the first seconds after a start, while what no start waits for is imported."""

from __future__ import annotations

import time
from typing import Final

from hw_sim.bench.running import Hands
from hw_sim.proofs.measure.figures import Check, Row, p50
from hw_sim.proofs.measure.panel import GOAL_MS, PI_4
from hw_sim.proofs.measure.screen import Toggle, terminal
from hw_sim.proofs.measure.stand import Stand

STARTS: Final = 5
SECONDS: Final = 2.5
_PAUSE_SECONDS: Final = 0.002


def measure(stand: Stand) -> list[Row]:
    """One row: the slowest key of each start."""
    slowest, count = [], 0
    for _ in range(STARTS):
        seconds = _keys(stand)
        slowest.append(max(seconds) * 1e3)
        count += len(seconds)
    check = Check("slowest", p50(slowest), GOAL_MS / PI_4, "ms")
    note = (
        f"of {STARTS} starts: {', '.join(f'{one:.2f}' for one in sorted(slowest))}; some"
        f" {count // STARTS} keys each; the goal is {GOAL_MS:g} ms on a Pi 4"
    )
    return [Row(f"key echo in the first {SECONDS:g} s", "none", (check,), note)]


def _keys(stand: Stand) -> list[float]:
    with terminal(stand) as keyboard:
        Hands(stand.stage.files.folder).wait("login.number")
        keys, seconds = Toggle(keyboard), []
        end = time.monotonic() + SECONDS
        while time.monotonic() < end:
            seconds.append(keys()[0])
            time.sleep(_PAUSE_SECONDS)
    return seconds
