"""The kernel's ``struct input_event``, as every evdev node delivers it.

Source: ``linux/input.h`` and ``linux/input-event-codes.h``. A record is two machine words of time
(seconds, microseconds), then type, code (unsigned 16 bit) and value (signed 32 bit): 24 bytes on a
64-bit system, 16 on a 32-bit one.
"""

from __future__ import annotations

import struct
from typing import Final, NamedTuple

EV_SYN: Final = 0x00
EV_KEY: Final = 0x01
EV_MSC: Final = 0x04
SYN_REPORT: Final = 0
SYN_DROPPED: Final = 3
"""The reader was too slow: events are lost, and all up to the next SYN_REPORT is useless."""
MSC_SCAN: Final = 4
"""The device's own code of the key whose EV_KEY follows; of a USB keyboard its HID usage."""

RELEASED: Final = 0
PRESSED: Final = 1

NATIVE: Final = "llHHi"
RECORD_BYTES: Final = struct.calcsize(NATIVE)


class InputRecord(NamedTuple):
    """One event; ``at`` is its time in microseconds of the device's clock."""

    at: int
    type: int
    code: int
    value: int


class RecordReader:
    """Cuts a stream of bytes into records; a record that comes in parts waits for its rest."""

    def __init__(self, layout: str = NATIVE) -> None:
        self._struct = struct.Struct(layout)
        self._rest = b""

    def feed(self, data: bytes) -> list[InputRecord]:
        """The records that are whole now. Never keeps more than one unfinished record."""
        if self._rest:
            data = self._rest + data
        whole = len(data) - len(data) % self._struct.size
        self._rest = data[whole:]
        return [
            InputRecord(seconds * 1_000_000 + micros, kind, code, value)
            for seconds, micros, kind, code, value in self._struct.iter_unpack(data[:whole])
        ]

    def reset(self) -> None:
        """The stream begins anew: forget an unfinished record."""
        self._rest = b""


class DropFilter:
    """Follows SYN_DROPPED: what comes before the next SYN_REPORT belongs to nothing."""

    def __init__(self) -> None:
        self._dropping = False

    def usable(self, record: InputRecord) -> bool:
        """Whether the record may be believed."""
        if record.type == EV_SYN:
            if record.code == SYN_DROPPED:
                self._dropping = True
            elif record.code == SYN_REPORT and self._dropping:
                self._dropping = False
                return False
        return not self._dropping
