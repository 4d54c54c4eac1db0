"""Keys in the first seconds after a start, while what no start waits for is imported."""

from __future__ import annotations

import sys
import time
from typing import Final

from hw_sim.bench.running import Hands
from hw_sim.proofs.measure.figures import Check, Row, p50
from hw_sim.proofs.measure.panel import GOAL_MS, PI_4
from hw_sim.proofs.measure.screen import Toggle, terminal
from hw_sim.proofs.measure.stand import Stand
from hw_sim.proofs.measure.terminal import read_turns

STARTS: Final = 5
SECONDS: Final = 2.5
_PAUSE_SECONDS: Final = 0.002


def measure(stand: Stand) -> list[Row]:
    """One row: the slowest key of each start, and the longest turn of its loop."""
    slowest, longest, count = [], [], 0
    for _ in range(STARTS):
        keys, turns = _start(stand)
        slowest.append(max(keys) * 1e3)
        longest.append(max(turns) * 1e3)
        count += len(keys)
    goal = GOAL_MS / PI_4
    checks = (
        Check("slowest", p50(slowest), goal, "ms"),
        Check("longest turn of the loop, processor time", p50(longest), goal, "ms"),
    )
    told = ", ".join(
        f"{one:.2f} and {other:.2f}" for one, other in zip(slowest, longest, strict=True)
    )
    note = (
        f"medians of {STARTS} starts: {told}; some {count // STARTS} keys each;"
        f" the goal is {GOAL_MS:g} ms on a Pi 4"
    )
    return [Row(f"key echo in the first {SECONDS:g} s", "none", checks, note)]


def _start(stand: Stand) -> tuple[list[float], list[float]]:
    """Seconds of each key's echo, and of each long turn from the first key on."""
    path = stand.folder / "turns.jsonl"
    words = ["--config", str(stand.stage.files.config), "--turns", str(path)]
    command = [sys.executable, "-P", "-m", "hw_sim.proofs.measure.terminal", *words]
    with terminal(stand, command) as keyboard:
        Hands(stand.stage.files.folder).wait("login.number")
        keys, seconds = Toggle(keyboard), []
        begun = time.perf_counter()
        while time.perf_counter() < begun + SECONDS:
            seconds.append(keys()[0])
            time.sleep(_PAUSE_SECONDS)
        ended = time.perf_counter()
    return seconds, [took for at, took in read_turns(path) if begun < at < ended]
