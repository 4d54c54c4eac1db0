"""A code from a scanner, judged: whole and plausible, or a reason to scan again.

What makes one of keystrokes is ``wire/key_scan.py``, of bytes ``wire/line_scan.py``. A partial one
is never submitted: silence within it, lost events, or a character that can't be typed drop it, and
what still comes of it is swallowed up to its end.
"""

from __future__ import annotations

from typing import Final, Protocol

from msgspec import Struct

from pos_terminal.core.dropped import Drop
from pos_terminal.wire.aim import read_code

GAP_MILLIS: Final = 250
"""On a device that nobody types on only silence ends a scan: some send a key each 60 ms."""
SILENCE_MILLIS: Final = 250
"""After so long with nothing more an unfinished scan is dropped. What comes within the same time
again still belongs to it, up to its end; then the next key begins a new one."""
MAX_CHARACTERS: Final = 1024


class Code(Struct, frozen=True):
    """A whole code; ``symbology`` is its AIM identifier (``]E0``) where one was sent."""

    text: str
    symbology: str | None = None


class Assembler(Protocol):
    """What makes codes of what a scanner sends."""

    silence: float
    """Seconds; ``expire`` it after so long with nothing more."""

    @property
    def partial(self) -> bool:
        """Whether a scan has begun and not ended."""

    def expire(self) -> Code | Drop | None:
        """Silence after an unfinished scan, which is dropped; a second time: the next key begins
        a new one."""

    def lost(self) -> Drop | None:
        """The scanner is gone: forget everything; tells whether a scan was cut off."""


def judge(text: str) -> Code | Drop:
    """``Drop.CHECK`` where length or check digit can't be right for the symbology it names."""
    found = read_code(text)
    return Drop.CHECK if found is None else Code(*found)


def printable(text: str) -> bool:
    """Whether it can be typed; GS1 has a group separator between its parts."""
    return text.replace("\x1d", "").isprintable()


def silence_millis(gap: int) -> int:
    """Of a scanner whose keys may be ``gap`` milliseconds apart."""
    return max(gap, SILENCE_MILLIS)
