"""What an idle terminal does to processor and disk: as little as can be."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from hw_sim.bench.clerk import Clerk
from hw_sim.bench.running import Hands, RunningTerminal
from hw_sim.proofs.measure.figures import Check, Row
from hw_sim.proofs.measure.stand import Stand

WAKE_UPS: Final = 15
"""A minute."""
SETTLE_SECONDS: Final = 25.0
"""After the last key: the ledger tidies itself once it has been quiet for five, and then looks,
once a day, what is to be purged."""
SECONDS: Final = 30.0
FULL_SECONDS: Final = 600.0


def measure(stand: Stand) -> list[Row]:
    """One row: the home screen, a printer that is ready, an acquirer that was signed on to."""
    seconds = FULL_SECONDS if stand.full else SECONDS
    files = stand.stage.files
    with RunningTerminal(files) as terminal:
        Clerk(Hands(files.folder)).log_in()
        time.sleep(SETTLE_SECONDS)
        before, painted = look(terminal.pid), len(terminal.painted)
        time.sleep(seconds)
        after, painted = look(terminal.pid), len(terminal.painted) - painted
    stand.stage.fresh_inputs()
    woken = {thread: count - before.woken.get(thread, 0) for thread, count in after.woken.items()}
    checks = (
        Check("wake-ups", sum(woken.values()) * 60 / seconds, WAKE_UPS, "a minute"),
        Check("written", after.written - before.written - painted, 0, "bytes"),
    )
    loop = woken.get(terminal.pid, 0)
    note = f"{seconds:g} s at the home screen; {len(woken)} threads, {loop} wake-ups of the loop"
    note += f"; {painted} bytes to the screen, whose clock moves every minute"
    return [Row("idle", "none", checks, f"{note}; no watchdog, no card service")]


@dataclass(frozen=True, slots=True)
class Look:
    """What the kernel has counted so far."""

    woken: Mapping[int, int]
    """By thread: how often it gave the processor up to wait for something."""
    written: int
    """Bytes handed to write(2) and the like, by all threads."""


def look(pid: int) -> Look:
    tasks = Path(f"/proc/{pid}/task")
    woken = {
        int(task.name): _field(task / "status", "voluntary_ctxt_switches")
        for task in tasks.iterdir()
    }
    return Look(woken, _field(Path(f"/proc/{pid}/io"), "wchar"))


def _field(path: Path, name: str) -> int:
    found = re.search(rf"^{name}:\s+(\d+)$", path.read_text("utf-8"), re.MULTILINE)
    if found is None:
        raise LookupError(f"{path} has no {name}")
    return int(found[1])
