"""From a key or a scan to the bytes of the new screen."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator, Sequence
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
from hw_sim.proofs.measure.terminal import read_statements

P50_GOAL: Final = 4.0
KEY_P99_GOAL: Final = 6.0
KEYS: Final = 600
SCANS: Final = 60
_WARM: Final = 10
_FLOOR: Final = "a bare asyncio process that reads the same record and writes as many bytes"

Press = Callable[[], tuple[float, int]]


def measure(stand: Stand) -> list[Row]:
    """A row for a digit typed, one for a receipt scanned."""
    receipt = stand.receipts[0]
    reads = _reads_of_a_scan(stand, receipt)
    with terminal(stand) as keyboard:
        hands = Hands(stand.stage.files.folder)
        hands.wait("login.number")
        keys = Toggle(keyboard)
        mine, floor, note = _compared(stand, KEYS, lambda: None, keys, [])
        checks = against(mine, floor, p50_limit=P50_GOAL, p99_limit=KEY_P99_GOAL, unit="µs")
        rows = [Row("key → bytes of the new screen", _FLOOR, checks, note)]
        if keys.typed:
            keyboard.press("clear")
        Clerk(hands).log_in()

        def scan() -> tuple[float, int]:
            return keyboard.scan(receipt)

        mine, floor, note = _compared(stand, SCANS, lambda: go_home(hands), scan, reads)
        checks = against(mine, floor, p50_limit=P50_GOAL, unit="µs")
        same = f"{_FLOOR}, and asks sqlite3 the same {len(reads)} statements"
        rows.append(Row("scan → bytes of the sale's screen", same, checks, note))
    return rows


def go_home(hands: Hands) -> None:
    if hands.screen()["prompt"] != "home":
        hands.press("cancel")
        hands.wait("home")


def _reads_of_a_scan(stand: Stand, receipt: str) -> list[str]:
    """What the real terminal asks its ledger from a scan to the sale on the screen."""
    files, path = stand.stage.files, stand.folder / "statements.jsonl"
    words = ["--config", str(files.config), "--statements", str(path)]
    command = [sys.executable, "-P", "-m", "hw_sim.proofs.measure.terminal", *words]
    with terminal(stand, command) as keyboard:
        hands = Hands(files.folder)
        Clerk(hands).log_in()
        before = len(read_statements(path))
        keyboard.scan(receipt)
        hands.wait("sale")
        return read_statements(path)[before:]


@contextmanager
def terminal(stand: Stand, command: list[str] | None = None) -> Iterator[Keyboard]:
    """The stand's terminal with its keypad and screen in our hands."""
    files = stand.stage.files
    environment = terminal_environment(files) | {"TERM": "linux"}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # an installed terminal has its bytecode
    with Keyboard(
        command or terminal_command([], files),
        keypad=files.folder / "inputs" / "keypad",
        scanner=files.folder / "inputs" / "scanner",
        environment=environment,
        log=files.folder / "terminal.log",
    ) as keyboard:
        yield keyboard
    stand.stage.fresh_inputs()


class Toggle:
    """A digit, then the key that clears it: each of them changes the screen."""

    def __init__(self, keyboard: Keyboard) -> None:
        self._keyboard = keyboard
        self.typed = False

    def __call__(self) -> tuple[float, int]:
        self.typed = not self.typed
        return self._keyboard.press("1" if self.typed else "clear")


def _compared(
    stand: Stand, times: int, ready: Callable[[], None], ours: Press, reads: Sequence[str]
) -> tuple[list[float], list[float], str]:
    """Seconds of the terminal, of the floor, and a note."""
    for _ in range(_WARM):
        ready()
        _, size = ours()
    fifo = stand.folder / "echo"
    os.mkfifo(fifo, 0o600)
    ledger = f"{(stand.stage.files.data / 'ledger.db').absolute().as_uri()}?mode=ro"
    words = [str(fifo), str(size), json.dumps(reads), ledger]
    try:
        with Keyboard([sys.executable, "-S", "-c", ECHO, *words], keypad=fifo) as raw:
            mine, floor = _alternate(times, ready, ours, lambda: _clean(raw))
    finally:
        Path(fifo).unlink()
    note = f"{len(mine)} times; both from a FIFO of input records to a pipe of {size} bytes"
    return mine, floor, note


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
