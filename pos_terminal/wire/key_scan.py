"""Keystrokes of a scanner that types like a keyboard, to codes.

A scan ends with Enter or Tab, pressed as keys, with Ctrl (Ctrl+M, Ctrl+J, Ctrl+I) or as Alt codes.
Read of such scanners: keys 60 ms apart; CapsLock pressed around letters; NumLock and Alt with a
character's number; F-keys before a code; CR LF as Enter and Ctrl+J; the release of a modifier that
never comes.
"""

from __future__ import annotations

from typing import Final

from pos_terminal.core.dropped import Drop
from pos_terminal.wire.alt_codes import BLOCK_DIGITS, AltCodes, character
from pos_terminal.wire.input_event import (
    EV_KEY,
    EV_SYN,
    PRESSED,
    RELEASED,
    SYN_DROPPED,
    DropFilter,
    InputRecord,
)
from pos_terminal.wire.keyboards import (
    ALTS,
    CAPS_LOCK,
    FUNCTION_KEYS,
    LOCKS,
    MODIFIERS,
    Layout,
    Press,
    Typed,
    keyboard,
)
from pos_terminal.wire.other_layout import other_layout
from pos_terminal.wire.scan import (
    GAP_MILLIS,
    MAX_CHARACTERS,
    Code,
    judge,
    printable,
    silence_millis,
)

_END_KEYS: Final = frozenset((28, 96, 15))
"""KEY_ENTER, KEY_KPENTER, KEY_TAB."""
_END_CHARACTERS: Final = frozenset("\r\n\t\x03")
_BEGIN: Final = "\x02"
"""STX: some send it before a code, with ETX behind."""


class KeyScan:
    """Fulfils ``wire.scan.Assembler``. Keys may be ``gap_ms`` apart within a code."""

    def __init__(
        self,
        *,
        layout: Layout = Layout.US,
        alt_codes: AltCodes = AltCodes.WINDOWS,
        gap_ms: int = GAP_MILLIS,
    ) -> None:
        self._layout = layout
        self._keyboard = keyboard(layout)
        self._alt_codes = alt_codes
        self._gap = gap_ms * 1_000
        self._silence = silence_millis(gap_ms) * 1_000
        self.silence = self._silence / 1_000_000
        self._drops = DropFilter()
        self._held: set[int] = set()
        self._caps = False
        self._number = ""
        """Of the Alt code that is being typed."""
        self._keys: list[Typed] = []
        self._swallow = False
        self._last = -self._silence

    @property
    def partial(self) -> bool:
        return self._begun or self._swallow

    @property
    def _begun(self) -> bool:
        return bool(self._keys or self._number)

    def feed(self, record: InputRecord) -> Code | Drop | None:
        """A whole code, or why one was dropped, when this record decides it."""
        if record.type == EV_SYN and record.code == SYN_DROPPED:
            self._drops.usable(record)
            self._release_all()
            self._last = record.at
            return self._drop(Drop.OVERRUN)
        if not self._drops.usable(record) or not stirs(record):
            return None
        late = self._pause(record.at)
        if record.code in MODIFIERS:
            return self._modify(record) or late
        return (self._key(record.code) if record.value == PRESSED else None) or late

    def expire(self) -> Code | Drop | None:
        unended = self._begun
        why = self._unended() if unended else None
        self._forget()
        self._release_all()
        self._swallow = unended
        return why

    def lost(self) -> Drop | None:
        cut = self._begun
        self._drops = DropFilter()
        self._release_all()
        self._forget()
        return Drop.OVERRUN if cut else None

    def _modify(self, record: InputRecord) -> Code | Drop | None:
        if record.value == PRESSED:
            if record.code in ALTS and self._number:
                return self._drop(Drop.OVERRUN)  # that it came up was lost
            self._held.add(record.code)
            return None
        self._held.discard(record.code)
        if record.code not in ALTS or not self._number:
            return None
        number, self._number = self._number, ""
        char = character(number, self._alt_codes)
        return self._take(char or "\x00", char)

    def _key(self, code: int) -> Code | Drop | None:
        if code in _END_KEYS:
            stuck = self._held or self._number
            return self._drop_whole(Drop.OVERRUN) if stuck and self.partial else self._end()
        if code == CAPS_LOCK:
            self._caps = not self._caps
        if code in LOCKS or (code in FUNCTION_KEYS and not self._keys):
            return None
        if self._held & ALTS and code in BLOCK_DIGITS:
            self._number += BLOCK_DIGITS[code] if len(self._number) < MAX_CHARACTERS else ""
            return None
        press = Press(code, frozenset(self._held), self._caps)
        return self._take(press, self._keyboard.typed(press))

    def _take(self, key: Typed, char: str | None) -> Code | Drop | None:
        """A key that typed ``char``, or an Alt code of it."""
        if char in _END_CHARACTERS:
            return self._end()
        if self._swallow or (char == _BEGIN and not self._keys):
            return None
        if len(self._keys) >= MAX_CHARACTERS:
            return self._drop(Drop.TOO_LONG)
        self._keys.append(key)
        return None

    def _pause(self, at: int) -> Drop | None:
        """Looks at the time since the last edge; a clock that was set back is no pause."""
        gap, self._last = at - self._last, at
        if gap >= self._silence:
            self._release_all()
        if gap <= self._gap or not self.partial:
            return None
        reported = self._swallow
        self._forget()
        self._swallow = gap < 2 * self._silence
        return None if reported else Drop.PAUSE

    def _end(self) -> Code | Drop | None:
        keys, swallowed = self._keys, self._swallow
        text = self._keyboard.read(keys)
        if swallowed or not keys:
            result: Code | Drop | None = None
        elif (other := other_layout(keys, self._layout, text)) is not None:
            result = _LAYOUTS[other]
        else:
            result = judge(text) if text is not None and printable(text) else Drop.CHARACTERS
        self._forget()
        return result

    def _unended(self) -> Drop:
        typed = self._keyboard.read(self._keys) is not None
        return Drop.UNENDED if typed else Drop.CHARACTERS

    def _drop(self, why: Drop) -> Drop | None:
        """Drops what there is, once, and swallows what still belongs to it."""
        reported = self._swallow
        self._forget()
        self._swallow = True
        return None if reported else why

    def _drop_whole(self, why: Drop) -> Drop | None:
        """As ``_drop``, at the end: nothing more belongs to it."""
        dropped = self._drop(why)
        self._forget()
        self._release_all()
        return dropped

    def _forget(self) -> None:
        self._keys = []
        self._number = ""
        self._swallow = False

    def _release_all(self) -> None:
        self._held.clear()
        self._caps = False


_LAYOUTS: Final = {
    Layout.US: Drop.LAYOUT_US,
    Layout.AZERTY: Drop.LAYOUT_AZERTY,
    Layout.QWERTZ: Drop.LAYOUT_QWERTZ,
}


def stirs(record: InputRecord) -> bool:
    """Whether something happened; a key that is held, or whose release was lost, only repeats."""
    if record.type == EV_SYN:
        return record.code == SYN_DROPPED
    return record.type == EV_KEY and record.value in (PRESSED, RELEASED)
