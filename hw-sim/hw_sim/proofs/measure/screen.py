"""From a key or a scan to the bytes of the new screen."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from hw_sim.bench.at_terminal import terminal_command, terminal_environment
from hw_sim.bench.clerk import Clerk
from hw_sim.bench.running import Hands
from hw_sim.proofs.measure.figures import Row, against
from hw_sim.proofs.measure.keyboard import Keyboard
from hw_sim.proofs.measure.raw import ECHO
from hw_sim.proofs.measure.stand import Stand

P50_GOAL: Final = 3.0
P99_GOAL: Final = 4.0
KEYS: Final = 600
SCANS: Final = 60
_WARM: Final = 10
_FLOOR: Final = "a process that reads the same records and writes as many bytes, no more"

Press = Callable[[], tuple[float, int]]


def measure(stand: Stand) -> list[Row]:
    """A row for a digit typed, one for a receipt scanned."""
    with terminal(stand) as keyboard:
        hands = Hands(stand.stage.files.folder)
        hands.wait("login.number")
        keys = _Toggle(keyboard)
        rows = [_row(stand, "key", KEYS, lambda: None, keys)]
        if keys.typed:
            keyboard.press("clear")
        Clerk(hands).log_in()
        receipt = stand.receipts[0]

        def home() -> None:
            if hands.screen()["prompt"] != "home":
                hands.press("cancel")
                hands.wait("home")

        rows.append(_row(stand, "scan", SCANS, home, lambda: keyboard.scan(receipt)))
    return rows


@contextmanager
def terminal(stand: Stand, command: list[str] | None = None) -> Iterator[Keyboard]:
    """The stand's terminal with its keypad and screen in our hands."""
    files = stand.stage.files
    with Keyboard(
        command or terminal_command([], files),
        keypad=files.folder / "inputs" / "keypad",
        scanner=files.folder / "inputs" / "scanner",
        environment=terminal_environment(files) | {"TERM": "linux"},
        log=files.folder / "terminal.log",
    ) as keyboard:
        yield keyboard
    stand.stage.fresh_inputs()


class _Toggle:
    """A digit, then the key that clears it: each of them changes the screen."""

    def __init__(self, keyboard: Keyboard) -> None:
        self._keyboard = keyboard
        self.typed = False

    def __call__(self) -> tuple[float, int]:
        self.typed = not self.typed
        return self._keyboard.press("1" if self.typed else "clear")


def _row(stand: Stand, what: str, times: int, ready: Callable[[], None], ours: Press) -> Row:
    for _ in range(_WARM):
        ready()
        _, size = ours()
    fifo = stand.folder / "echo"
    os.mkfifo(fifo, 0o600)
    try:
        with Keyboard([sys.executable, "-S", "-c", ECHO, str(fifo), str(size)], keypad=fifo) as raw:
            mine, floor = _alternate(times, ready, ours, lambda: _clean(raw))
    finally:
        Path(fifo).unlink()
    checks = against(mine, floor, p50_limit=P50_GOAL, p99_limit=P99_GOAL, unit="µs")
    note = f"{len(mine)} times; both from a FIFO of input records to a pipe of {size} bytes"
    return Row(f"{what} → bytes of the new screen", _FLOOR, checks, note)


def _clean(raw: Keyboard) -> tuple[float, int]:
    """The release of a key is answered, too: wait for it, so that the next press is alone."""
    answer = raw.press("1")
    raw.come_to_rest()
    return answer


def _alternate(
    times: int, ready: Callable[[], None], ours: Press, raw: Press
) -> tuple[list[float], list[float]]:
    for _ in range(_WARM):
        raw()
    mine, floor = [], []
    for _ in range(times):
        ready()
        mine.append(ours()[0])
        floor.append(raw()[0])
    return mine, floor
