"""What an ESC/POS printer sends back, byte by byte into records.

Bytes are told apart by their class (Epson's ESC/POS command reference, "Identifying transmitted
status"): XON 11 and XOFF 13; ``DLE EOT`` answers 0xx1xx10; the first automatic status byte
0xx1xx00, and then three more in a row (an XOFF or XON may come between); ``GS r`` and ``GS I``
answers 0xx0xxxx; blocks begin with 37, 3B, 5F or another header and end with NUL.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from msgspec import Struct

XON: Final = 0x11
XOFF: Final = 0x13
FENCE_HEADER: Final = b"\x37\x22"
POWER_ON: Final = b"\x3b\x31"
BLOCK_HEADERS: Final = frozenset({0x35, 0x37, 0x39, 0x3B, 0x3D, 0x5F, 0x53})
"""First bytes of blocks; none of them has the class of a status byte."""
BLOCK_LIMIT: Final = 96
"""A block that has no end by then is no block."""


class FlowControl(Struct, frozen=True):
    """``go``: XON; otherwise XOFF."""

    go: bool


class AutomaticStatus(Struct, frozen=True):
    """The four bytes of ``GS a``."""

    drawer: bool
    offline: bool
    cover_open: bool
    cutter_error: bool
    unrecoverable: bool
    recoverable: bool
    near_end: bool
    paper_out: bool


class RealTimeStatus(Struct, frozen=True):
    """An answer to ``DLE EOT n``; which n, only the one who asked knows."""

    byte: int

    @property
    def offline(self) -> bool:
        """n = 1."""
        return bool(self.byte & 0x08)

    @property
    def cover_open(self) -> bool:
        """n = 2."""
        return bool(self.byte & 0x04)

    @property
    def error(self) -> bool:
        """n = 2."""
        return bool(self.byte & 0x40)

    @property
    def cutter_error(self) -> bool:
        """n = 3."""
        return bool(self.byte & 0x08)

    @property
    def unrecoverable(self) -> bool:
        """n = 3."""
        return bool(self.byte & 0x20)

    @property
    def near_end(self) -> bool:
        """n = 4."""
        return bool(self.byte & 0x0C)

    @property
    def paper_out(self) -> bool:
        """n = 4."""
        return bool(self.byte & 0x60)


class FenceReached(Struct, frozen=True):
    """``GS ( H`` function 48: everything before it is printed. ``mark`` is its four bytes."""

    mark: bytes


class PlainAnswer(Struct, frozen=True):
    """An answer to ``GS r`` or ``GS I``."""

    byte: int

    @property
    def paper_out(self) -> bool:
        """``GS r 1``."""
        return bool(self.byte & 0x0C)


class PoweredOn(Struct, frozen=True):
    """The power-on notice: whatever was in the buffers is lost."""


class Block(Struct, frozen=True):
    """Another block, e.g. a printer's name: header 5F, its text."""

    data: bytes


class Stray(Struct, frozen=True):
    """A byte of no known class: noise on the line, or another device."""

    byte: int


PrinterAnswer = (
    FlowControl
    | AutomaticStatus
    | RealTimeStatus
    | FenceReached
    | PlainAnswer
    | PoweredOn
    | Block
    | Stray
)


class StatusReader:
    """``feed`` takes bytes in pieces of any size. Never raises, keeps at most BLOCK_LIMIT bytes."""

    def __init__(self) -> None:
        self._automatic = bytearray()
        self._block = bytearray()

    def reset(self) -> None:
        """A new line: half an answer of the old one means nothing."""
        self._automatic.clear()
        self._block.clear()

    def feed(self, data: bytes) -> Iterator[PrinterAnswer]:
        for byte in data:
            yield from self._take(byte)

    def _take(self, byte: int) -> Iterator[PrinterAnswer]:
        if self._block:
            yield from self._in_block(byte)
        elif byte in (XON, XOFF):
            yield FlowControl(go=byte == XON)
        elif self._automatic:
            yield from self._in_automatic(byte)
        else:
            yield from self._first(byte)

    def _first(self, byte: int) -> Iterator[PrinterAnswer]:
        if byte in BLOCK_HEADERS:
            self._block.append(byte)
        elif byte & 0x93 == 0x10:
            self._automatic.append(byte)
        elif byte & 0x93 == 0x12:
            yield RealTimeStatus(byte)
        elif byte & 0x90 == 0:
            yield PlainAnswer(byte)
        else:
            yield Stray(byte)

    def _in_automatic(self, byte: int) -> Iterator[PrinterAnswer]:
        """Bytes two to four; one of another class means that the rest was lost."""
        if byte & 0x90 != 0:
            for lost in self._automatic:
                yield Stray(lost)
            self._automatic.clear()
            yield from self._first(byte)
            return
        self._automatic.append(byte)
        if len(self._automatic) == 4:
            yield _automatic(bytes(self._automatic))
            self._automatic.clear()

    def _in_block(self, byte: int) -> Iterator[PrinterAnswer]:
        if byte in (XON, XOFF):
            yield FlowControl(go=byte == XON)
            return
        if byte != 0:
            self._block.append(byte)
            if len(self._block) >= BLOCK_LIMIT:
                self._block.clear()
                yield Stray(byte)
            return
        block = bytes(self._block)
        self._block.clear()
        if block[:2] == FENCE_HEADER and len(block) == 6:
            yield FenceReached(block[2:])
        elif block == POWER_ON:
            yield PoweredOn()
        else:
            yield Block(block)


def _automatic(four: bytes) -> AutomaticStatus:
    first, second, third, _ = four
    return AutomaticStatus(
        drawer=bool(first & 0x04),
        offline=bool(first & 0x08),
        cover_open=bool(first & 0x20),
        cutter_error=bool(second & 0x08),
        unrecoverable=bool(second & 0x20),
        recoverable=bool(second & 0x40),
        near_end=bool(third & 0x03),
        paper_out=bool(third & 0x0C),
    )
