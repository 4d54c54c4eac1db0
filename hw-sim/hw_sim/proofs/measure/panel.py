"""From a key or a scan to the last byte of the picture on a 320 x 240 panel's bus."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
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
KEY_SHARE: Final = 0.02
"""Of the whole picture: a digit and the cursor behind it."""
SCREEN_SHARE: Final = 0.5
_WARM: Final = 5
_REST_SECONDS: Final = 0.1
_BITS: Final = 8
WHOLE_BYTES: Final = 320 * 240 * 2


def measure(stand: Stand) -> list[Row]:
    """A row for a digit typed, one for a receipt scanned, one for what went over the bus."""
    words = ["--config", str(stand.stage.files.config), "--panel"]
    command = [sys.executable, "-P", "-m", "hw_sim.proofs.measure.terminal", *words]
    with terminal(stand, command) as keyboard:
        hands = Hands(stand.stage.files.folder)
        hands.wait("login.number")
        keys = Toggle(keyboard)
        key = _pictures(keyboard, KEYS, lambda: None, keys)
        if keys.typed:
            keyboard.press("clear")
        Clerk(hands).log_in()
        receipt = stand.receipts[0]
        scan = _pictures(keyboard, SCANS, lambda: go_home(hands), lambda: keyboard.scan(receipt))
    return [_row("key", key), _row("scan", scan), _bytes(key, scan)]


@dataclass(frozen=True, slots=True)
class _Pictures:
    """The same picture, time and again."""

    own_ms: list[float]
    sizes: list[int]
    """Bytes on the bus."""


def _pictures(keyboard: Keyboard, times: int, ready: Callable[[], None], press: Press) -> _Pictures:
    own, sizes = [], []
    for turn in range(_WARM + times):
        ready()
        time.sleep(_REST_SECONDS)  # an earlier picture is on the bus by then
        seconds, _ = press()
        if turn >= _WARM:
            own.append(seconds * 1e3)
            sizes.append(int(keyboard.said.split()[0]))
    return _Pictures(own, sizes)


def _row(what: str, seen: _Pictures) -> Row:
    whole = [panel_ms(one, size) for one, size in zip(seen.own_ms, seen.sizes, strict=True)]
    checks = tuple(
        Check(f"p{share * 100:.0f}", percentile(whole, share), GOAL_MS, "ms")
        for share in (0.5, 0.99)
    )
    size = p50(seen.sizes)
    note = (
        f"{len(whole)} times; medians: {p50(seen.own_ms):.2f} ms here, {PI_4:g} times that on a"
        f" Pi 4, and {size:.0f} bytes at {SPI_HERTZ / 1e6:g} MHz, {panel_ms(0, size):.1f} ms"
    )
    return Row(f"{what} → picture on the 320 x 240 panel of a Pi 4", "none", checks, note)


def _bytes(key: _Pictures, scan: _Pictures) -> Row:
    """What changed, beside the whole picture that a panel without windows would need."""
    checks = (
        Check("a key typed", max(key.sizes), KEY_SHARE, "bytes", WHOLE_BYTES),
        Check("a new screen", max(scan.sizes), SCREEN_SHARE, "bytes", WHOLE_BYTES),
    )
    return Row("bytes over the panel's bus", "the whole picture, two bytes a pixel", checks)


def panel_ms(own_ms: float, size: int | float) -> float:
    """On a Pi 4: our own time as its processor takes it, then so many bytes on its bus."""
    return own_ms * PI_4 + size * _BITS / SPI_HERTZ * 1e3
