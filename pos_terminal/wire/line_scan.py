"""Bytes of a serial scanner, to codes; each code is a line. There is no time in bytes.

A line ends with CR, LF, Tab or ETX, in any company; STX before it is no part of it. NUL ends one
only where silence or another end follows: in the middle of a code it is a broken byte.
"""

from __future__ import annotations

from typing import Final

from pos_terminal.core.dropped import Drop
from pos_terminal.wire.frames import Frame, meant, plain, sound
from pos_terminal.wire.scan import (
    GAP_MILLIS,
    MAX_CHARACTERS,
    Code,
    judge,
    printable,
    silence_millis,
)

_BEGIN: Final = 0x02
_ENDS: Final = b"\r\n\t\x03"
_NUL: Final = 0


class LineScan:
    """Fulfils ``wire.scan.Assembler``."""

    def __init__(self, *, frame: Frame = Frame.EIGHT_NONE, gap_ms: int = GAP_MILLIS) -> None:
        self.silence = silence_millis(gap_ms) / 1_000
        self._frame = frame
        self._line = bytearray()
        """As it came, with its parity bits."""
        self._nul = False
        self._swallow = False

    @property
    def partial(self) -> bool:
        return bool(self._line) or self._swallow

    def feed(self, data: bytes) -> list[Code | Drop]:
        """What ended or was dropped within these bytes, in order."""
        results = (self._take(byte) for byte in data)
        return [result for result in results if result is not None]

    def expire(self) -> Code | Drop | None:
        if self._nul:
            return self._end()
        line = bytes(self._line)
        self._forget()
        self._swallow = bool(line)
        if not line:
            return None
        other = meant(line, self._frame)
        return Drop.UNENDED if other is None else _FRAMES[other]

    def lost(self) -> Drop | None:
        cut = bool(self._line)
        self._forget()
        return Drop.OVERRUN if cut else None

    def _take(self, byte: int) -> Code | Drop | None:
        match plain(byte, self._frame):
            case char if char in _ENDS:
                return self._end()
            case char if char == _BEGIN:
                return self._begin()
            case char if char == _NUL:
                self._nul = bool(self._line)
                return None
            case _:
                return self._add(byte)

    def _begin(self) -> Code | Drop | None:
        """What was there before has no end, or had NUL."""
        before = self.expire()
        self._forget()
        return before

    def _add(self, byte: int) -> Drop | None:
        if self._swallow:
            return None
        if self._nul:
            return self._drop(Drop.CHARACTERS)
        if len(self._line) >= MAX_CHARACTERS:
            return self._drop(Drop.TOO_LONG)
        self._line.append(byte)
        return None

    def _drop(self, why: Drop) -> Drop:
        """What still belongs to it is swallowed up to its end."""
        self._forget()
        self._swallow = True
        return why

    def _end(self) -> Code | Drop | None:
        line, swallowed = bytes(self._line), self._swallow
        self._forget()
        return None if swallowed or not line else self._judge(line)

    def _judge(self, line: bytes) -> Code | Drop | None:
        text = _text(line, self._frame)
        if text is None:
            other = meant(line, self._frame)
            return Drop.CHARACTERS if other is None else _FRAMES[other]
        return judge(text) if text else None

    def _forget(self) -> None:
        self._line.clear()
        self._nul = False
        self._swallow = False


def _text(line: bytes, frame: Frame) -> str | None:
    """The line without blanks around it; None where it is no text in this frame."""
    if not sound(line, frame):
        return None
    try:
        text = bytes(plain(byte, frame) for byte in line).decode("utf-8").strip(" ")
    except UnicodeDecodeError:
        return None
    return text if printable(text) else None


_FRAMES: Final = {
    Frame.EIGHT_NONE: Drop.FRAME_8N1,
    Frame.SEVEN_EVEN: Drop.FRAME_7E1,
    Frame.SEVEN_ODD: Drop.FRAME_7O1,
}
