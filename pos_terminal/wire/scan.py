"""A code from a scanner: keystrokes or bytes to one whole text, or a reason to scan again.

A scan ends with Enter or Tab (a keyboard) or CR or LF (a serial line). A partial one is never
submitted: a pause within it, lost events, or a character that can't be typed drop it, and what
still comes of it is swallowed up to its end.
"""

from __future__ import annotations

from typing import Final

from msgspec import Struct

from pos_terminal.core.dropped import Drop
from pos_terminal.wire.aim import read_code
from pos_terminal.wire.input_event import (
    EV_KEY,
    EV_SYN,
    PRESSED,
    RELEASED,
    SYN_DROPPED,
    DropFilter,
    InputRecord,
)
from pos_terminal.wire.us_keys import MODIFIERS, typed

PAUSE_MICROS: Final = 50_000
"""A scanner types faster than this; a longer gap within a code means that something is missing."""
SILENCE_SECONDS: Final = 0.25
"""After so long with nothing more, an unfinished scan is over and the next key begins a new one."""
MAX_CHARACTERS: Final = 1024

_SILENCE_MICROS: Final = int(SILENCE_SECONDS * 1_000_000)
_ENDS: Final = frozenset((28, 96, 15))
"""KEY_ENTER, KEY_KPENTER, KEY_TAB."""


class Code(Struct, frozen=True):
    """A whole code; ``symbology`` is its AIM identifier (``]E0``) where one was sent."""

    text: str
    symbology: str | None = None


def _judge(text: str) -> Code | Drop:
    found = read_code(text)
    return Drop.CHECK if found is None else Code(*found)


class KeyScan:
    """Assembles the keystrokes of a keyboard-like scanner with a US layout."""

    def __init__(self) -> None:
        self._drops = DropFilter()
        self._held: set[int] = set()
        self._text: list[str] = []
        self._swallow = False
        self._last = -_SILENCE_MICROS

    @property
    def partial(self) -> bool:
        """Whether a scan has begun and not ended: ``expire`` it after SILENCE_SECONDS."""
        return bool(self._text) or self._swallow

    def feed(self, record: InputRecord) -> Code | Drop | None:
        """A whole code, or why one was dropped, when this record decides it."""
        if record.type == EV_SYN and record.code == SYN_DROPPED:
            self._drops.usable(record)
            self._held.clear()
            self._last = record.at
            return self._drop(Drop.OVERRUN)
        if not self._drops.usable(record) or record.type != EV_KEY:
            return None
        if record.code in MODIFIERS:
            self._modify(record)
            return None
        return self._key(record) if record.value == PRESSED else None

    def expire(self) -> Drop | None:
        """Silence after an unfinished scan; the next key begins a new one."""
        unended = bool(self._text)
        self._forget()
        return Drop.UNENDED if unended else None

    def lost(self) -> Drop | None:
        """The scanner is gone: forget everything; tells whether a scan was cut off."""
        cut = bool(self._text)
        self._drops = DropFilter()
        self._held.clear()
        self._forget()
        return Drop.OVERRUN if cut else None

    def _modify(self, record: InputRecord) -> None:
        if record.value == RELEASED:
            self._held.discard(record.code)
        else:
            self._held.add(record.code)

    def _key(self, record: InputRecord) -> Code | Drop | None:
        late = self._pause(record.at)
        if record.code in _ENDS:
            return self._end() or late
        if self._swallow:
            return late
        char = typed(record.code, frozenset(self._held))
        if char is None:
            return self._drop(Drop.CHARACTERS)
        if len(self._text) >= MAX_CHARACTERS:
            return self._drop(Drop.TOO_LONG)
        self._text.append(char)
        return late

    def _pause(self, at: int) -> Drop | None:
        """Looks at the time since the last key; a clock that was set back is no pause."""
        gap, self._last = at - self._last, at
        if gap <= PAUSE_MICROS or not self.partial:
            return None
        reported = self._swallow
        self._forget()
        self._swallow = gap < _SILENCE_MICROS
        return None if reported else Drop.PAUSE

    def _end(self) -> Code | Drop | None:
        text, swallowed = "".join(self._text), self._swallow
        self._forget()
        return None if swallowed or not text else _judge(text)

    def _drop(self, why: Drop) -> Drop | None:
        """Drops what there is, once, and swallows what still belongs to it."""
        reported = self._swallow
        self._text.clear()
        self._swallow = True
        return None if reported else why

    def _forget(self) -> None:
        self._text.clear()
        self._swallow = False


class LineScan:
    """Assembles the bytes of a serial scanner; each code is a line. There is no time in bytes."""

    def __init__(self) -> None:
        self._line = bytearray()
        self._swallow = False

    @property
    def partial(self) -> bool:
        return bool(self._line) or self._swallow

    def feed(self, data: bytes) -> list[Code | Drop]:
        """What ended or was dropped within these bytes, in order."""
        results: list[Code | Drop] = []
        for byte in data:
            result = self._end() if byte in b"\r\n" else self._add(byte)
            if result is not None:
                results.append(result)
        return results

    def expire(self) -> Drop | None:
        """As ``KeyScan.expire``."""
        unended = bool(self._line)
        self._forget()
        return Drop.UNENDED if unended else None

    def lost(self) -> Drop | None:
        """As ``KeyScan.lost``."""
        return Drop.OVERRUN if self.expire() else None

    def _add(self, byte: int) -> Drop | None:
        if self._swallow:
            return None
        if len(self._line) < MAX_CHARACTERS:
            self._line.append(byte)
            return None
        self._line.clear()
        self._swallow = True
        return Drop.TOO_LONG

    def _end(self) -> Code | Drop | None:
        line, swallowed = bytes(self._line).strip(b"\x02\x03 "), self._swallow
        self._forget()
        if swallowed or not line:
            return None
        try:
            text = line.decode("utf-8")
        except UnicodeDecodeError:
            return Drop.CHARACTERS
        printable = text.replace("\x1d", "").isprintable()
        return _judge(text) if printable else Drop.CHARACTERS

    def _forget(self) -> None:
        self._line.clear()
        self._swallow = False
