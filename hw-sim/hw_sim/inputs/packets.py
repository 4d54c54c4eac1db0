"""What hands do, as the kernel's events; how scanners type is ``hw_sim/inputs/senders.py``.

A packet is what one SYN_REPORT closes. Times are written with the events, as a kernel would take
them at the interrupt: a busy bench makes no pause within a scan.
"""

from __future__ import annotations

import struct
import time
from collections.abc import Sequence
from typing import Final, NamedTuple

from hw_sim.device import WrongWords
from pos_terminal.wire.input_event import (
    EV_KEY,
    EV_MSC,
    EV_SYN,
    MSC_SCAN,
    NATIVE,
    PRESSED,
    RELEASED,
    SYN_REPORT,
)
from pos_terminal.wire.keys import HID_KEYPAD_00, KEY_UNKNOWN, PRESS_CODES

EDGE_MICROS: Final = 2_000
"""Between two edges of a scanner's keys: a quick one, well under a pause of 50 ms."""
KEY_MICROS: Final = 40_000
"""How long a finger holds a key."""

Event = tuple[int, int, int]
"""Type, code, value."""


class Packet(NamedTuple):
    after: int
    """Microseconds since the packet before."""
    events: tuple[Event, ...]


def press(key: str) -> list[Packet]:
    """Down and up of the named key. BenchError for a name that no key has."""
    if key == "00":
        usage = (EV_MSC, MSC_SCAN, HID_KEYPAD_00)
        return [
            Packet(KEY_MICROS, (usage, (EV_KEY, KEY_UNKNOWN, PRESSED))),
            Packet(KEY_MICROS, (usage, (EV_KEY, KEY_UNKNOWN, RELEASED))),
        ]
    if key not in PRESS_CODES:
        raise WrongWords(f"no key {key!r}; there are {' '.join([*PRESS_CODES, '00'])}")
    return stroke(PRESS_CODES[key], KEY_MICROS)


def encode(packets: Sequence[Packet], now: float | None = None) -> bytes:
    """The packets as ``struct input_event`` records that begin at ``now`` (monotonic seconds)."""
    at = int((time.monotonic() if now is None else now) * 1_000_000)
    records: list[bytes] = []
    for packet in packets:
        at += packet.after
        records += [
            struct.pack(NATIVE, *divmod(at, 1_000_000), *event)
            for event in (*packet.events, (EV_SYN, SYN_REPORT, 0))
        ]
    return b"".join(records)


def stroke(code: int, micros: int) -> list[Packet]:
    """A key down and up."""
    return [edge(code, PRESSED, micros), edge(code, RELEASED, micros)]


def edge(code: int, value: int, micros: int) -> Packet:
    """One of both."""
    return Packet(micros, ((EV_KEY, code, value),))
