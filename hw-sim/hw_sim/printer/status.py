"""The mechanism's state and the status bytes that tell of it (Epson's published layouts)."""

from __future__ import annotations

from dataclasses import dataclass

POWER_ON = b"\x3b\x31\x00"
"""Power-on notice: header 3B, identifier, NUL."""
XON, XOFF = b"\x11", b"\x13"


@dataclass(slots=True)
class Mechanism:
    """What can be wrong with it. Changes are made by the bench."""

    cover_open: bool = False
    near_end: bool = False
    paper_out: bool = False
    cutter_error: bool = False
    broken: bool = False
    hot: bool = False
    drawer_open: bool = False
    claims_offline: bool = False
    """Says that it is offline, without a cause, and prints all the same."""

    @property
    def error(self) -> bool:
        return self.cutter_error or self.broken or self.hot

    @property
    def online(self) -> bool:
        return not (self.cover_open or self.paper_out or self.error)

    @property
    def offline(self) -> bool:
        """What it says of it."""
        return self.claims_offline or not self.online


def automatic(state: Mechanism) -> bytes:
    """The four bytes of ``GS a``."""
    first = 0x10 | 0x04 * state.drawer_open | 0x08 * state.offline | 0x20 * state.cover_open
    second = 0x08 * state.cutter_error | 0x20 * state.broken | 0x40 * state.hot
    return bytes((first, second, paper_sensors(state), 0x0F))


def is_automatic(data: bytes) -> bool:
    """Whether an answer is one of ``GS a``."""
    return len(data) == 4 and data[0] & 0x93 == 0x10


def paper_sensors(state: Mechanism) -> int:
    """``GS r 1`` and the third automatic byte; paper out includes near its end."""
    return 0x03 * (state.near_end or state.paper_out) | 0x0C * state.paper_out


def real_time(state: Mechanism, which: int) -> bytes:
    """The answer to ``DLE EOT n``; nothing for an n that isn't known."""
    bits = {
        1: 0x04 * state.drawer_open | 0x08 * state.offline,
        2: 0x04 * state.cover_open | 0x20 * state.paper_out | 0x40 * state.error,
        3: 0x08 * state.cutter_error | 0x20 * state.broken | 0x40 * state.hot,
        4: 0x0C * (state.near_end or state.paper_out) | 0x60 * state.paper_out,
    }.get(which)
    return b"" if bits is None else bytes((0x12 | bits,))
