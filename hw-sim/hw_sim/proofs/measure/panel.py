"""From a key or a scan to the last byte of the picture on a 320 x 240 panel's bus."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import Final

from pos_drivers.luma_panel import SPI_HERTZ

from hw_sim.bench.clerk import Clerk
from hw_sim.bench.running import Hands
from hw_sim.proofs.measure.figures import Check, Row, p50, percentile
from hw_sim.proofs.measure.keyboard import Keyboard
from hw_sim.proofs.measure.screen import Press, Toggle, go_home, terminal
from hw_sim.proofs.measure.stand import Stand

GOAL_MS: Final = 34.0
"""The least delay that people notice."""
PI_4: Final = 8.0
"""A Pi 4's processor takes so many times as long as this machine's."""
KEYS: Final = 200
SCANS: Final = 40
_WARM: Final = 5
_REST_SECONDS: Final = 0.1
_BITS: Final = 8


def measure(stand: Stand) -> list[Row]:
    """A row for a digit typed, one for a receipt scanned."""
    words = ["--config", str(stand.stage.files.config), "--panel"]
    command = [sys.executable, "-P", "-m", "hw_sim.proofs.measure.terminal", *words]
    with terminal(stand, command) as keyboard:
        hands = Hands(stand.stage.files.folder)
        hands.wait("login.number")
        keys = Toggle(keyboard)
        rows = [_row(keyboard, "key", KEYS, lambda: None, keys)]
        if keys.typed:
            keyboard.press("clear")
        Clerk(hands).log_in()
        receipt = stand.receipts[0]
        rows.append(
            _row(keyboard, "scan", SCANS, lambda: go_home(hands), lambda: keyboard.scan(receipt))
        )
    return rows


def _row(keyboard: Keyboard, what: str, times: int, ready: Callable[[], None], press: Press) -> Row:
    own, sizes = [], []
    for turn in range(_WARM + times):
        ready()
        time.sleep(_REST_SECONDS)  # an earlier picture is on the bus by then
        seconds, _ = press()
        if turn >= _WARM:
            own.append(seconds * 1e3)
            sizes.append(int(keyboard.said.split()[0]))
    whole = [panel_ms(one, size) for one, size in zip(own, sizes, strict=True)]
    checks = tuple(
        Check(f"p{share * 100:.0f}", percentile(whole, share), GOAL_MS, "ms")
        for share in (0.5, 0.99)
    )
    note = (
        f"{times} times; medians: {p50(own):.2f} ms here, {PI_4:g} times that on a Pi 4, and"
        f" {p50(sizes):.0f} bytes at {SPI_HERTZ / 1e6:g} MHz, {panel_ms(0, p50(sizes)):.1f} ms"
    )
    return Row(f"{what} → picture on the 320 x 240 panel of a Pi 4", "none", checks, note)


def panel_ms(own_ms: float, size: int | float) -> float:
    """On a Pi 4: our own time as its processor takes it, then so many bytes on its bus."""
    return own_ms * PI_4 + size * _BITS / SPI_HERTZ * 1e3
