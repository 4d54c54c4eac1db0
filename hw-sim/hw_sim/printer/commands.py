"""Cuts a printer's byte stream into tokens: characters, controls and whole ESC/POS commands.

Lengths are those of the published ESC/POS command sets (Epson TM, Chinese clones). A command that
is not listed counts as its two bytes, as printers do that skip what they don't know.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

NUL, HT, LF, FF, CR, DLE, CAN, ESC, FS, GS = (
    0x00, 0x09, 0x0A, 0x0C, 0x0D, 0x10, 0x18, 0x1B, 0x1C, 0x1D,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Chars:
    """Printable bytes 20–FF, as they came; Chinese ones in pairs."""

    data: bytes


@dataclass(frozen=True, slots=True)
class Control:
    """One control byte."""

    byte: int


@dataclass(frozen=True, slots=True)
class Command:
    """``name`` is the command's first two bytes (three after ``GS (`` and ``FS (``)."""

    name: bytes
    data: bytes


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a long command, carried out as far as it goes; the first begins with its name."""

    data: bytes
    last: bool


Token = Chars | Control | Command | Part
PIECE_BYTES: Final = 16
"""Of a command that is carried out as it comes; less than the smallest buffer, 45 bytes."""
BAR_CODE_BYTES: Final = 255

_ESC: Final = {
    **dict.fromkeys(b"@2imSLv<FO", 0),
    **dict.fromkeys(b"!EG-adeJKMtRr{V3+A =T?%UuxsN", 1),
    **dict.fromkeys(b"$\\cB", 2),
    **dict.fromkeys(b"p", 3),
    **dict.fromkeys(b"W", 8),
}
_FS: Final = {
    **dict.fromkeys(b"&.", 0),
    **dict.fromkeys(b"!-WC", 1),
    **dict.fromkeys(b"Sp?", 2),
    **dict.fromkeys(b"2", 74),
}
_GS: Final = {
    **dict.fromkeys(b":c", 0),
    **dict.fromkeys(b"!BHhwfbarI/|TEjD", 1),
    **dict.fromkeys(b"LWP$\\Cz", 2),
    **dict.fromkeys(b"^", 3),
}


def _little(data: bytes) -> int:
    return int.from_bytes(data, "little")


def _to_nul(buffer: bytes, start: int) -> int | None:
    """To the NUL, or as far as a printer looks for it."""
    end = buffer.find(NUL, start)
    if end < 0:
        return start + BAR_CODE_BYTES if len(buffer) >= start + BAR_CODE_BYTES else None
    return end + 1


def _esc_star(b: bytes) -> int | None:
    """``ESC * m nL nH``: columns of one byte (8 dots) or three (24 dots)."""
    return 5 + _little(b[3:5]) * (3 if b[2] in (32, 33) else 1) if len(b) >= 5 else None


def _user_chars(b: bytes) -> int | None:
    """``ESC & y c1 c2``, then for each character its width and y bytes a column."""
    if len(b) < 5:
        return None
    at = 5
    for _ in range(max(0, b[4] - b[3] + 1)):
        if len(b) <= at:
            return None
        at += 1 + b[at] * b[2]
    return at


def _bar_code(b: bytes) -> int | None:
    """``GS k``: function A ends with NUL, function B (m ≥ 65) has its length."""
    if len(b) < 4:
        return None
    return 4 + b[3] if b[2] >= 65 else _to_nul(b, 3)


def _cut(b: bytes) -> int | None:
    """``GS V m``, and ``n`` where m feeds first."""
    if len(b) < 3:
        return None
    return 4 if b[2] in (65, 66, 97, 98, 103, 104) else 3


def _with_length(b: bytes) -> int | None:
    """``GS ( fn pL pH`` and ``FS ( fn pL pH``."""
    return 5 + _little(b[3:5]) if len(b) >= 5 else None


def _raster(b: bytes) -> int | None:
    """``GS v 0 m xL xH yL yH``: x bytes in a row, y rows."""
    return 8 + _little(b[4:6]) * _little(b[6:8]) if len(b) >= 8 else None


def _big_graphics(b: bytes) -> int | None:
    """``GS 8 L`` with four length bytes."""
    return 7 + _little(b[3:7]) if len(b) >= 7 else None


def _logo(b: bytes) -> int | None:
    """``GS * x y``: 8 x · y bytes."""
    return 4 + 8 * b[2] * b[3] if len(b) >= 4 else None


def _dle(b: bytes) -> int | None:
    """Real-time commands, as they stand in the stream."""
    if len(b) < 2:
        return None
    if b[1] == 0x14:
        return None if len(b) < 3 else {1: 5, 2: 5, 3: 10, 6: 10, 7: 4, 8: 10}.get(b[2], 3)
    if b[1] == 0x04:
        return None if len(b) < 3 else (4 if b[2] in (7, 8, 18) else 3)
    return 3 if b[1] == 0x05 else 1


_SPECIAL: Final[dict[bytes, Callable[[bytes], int | None]]] = {
    b"\x1b*": _esc_star,
    b"\x1b&": _user_chars,
    b"\x1bD": lambda b: _to_nul(b, 2),
    b"\x1dk": _bar_code,
    b"\x1dV": _cut,
    b"\x1d(": _with_length,
    b"\x1c(": _with_length,
    b"\x1dv": _raster,
    b"\x1d8": _big_graphics,
    b"\x1d*": _logo,
}
_FIXED: Final = {ESC: _ESC, FS: _FS, GS: _GS}
_SINGLE: Final[tuple[Token, ...]] = tuple(
    Chars(bytes((byte,))) if byte >= 0x20 else Control(byte) for byte in range(256)
)


def command_length(buffer: bytes) -> int | None:
    """Bytes of the command at the beginning of ``buffer``; None while that can't be told."""
    if buffer[0] == DLE:
        return _dle(buffer)
    if len(buffer) < 2:
        return None
    special = _SPECIAL.get(bytes(buffer[:2]))
    if special is not None:
        return special(buffer)
    return 2 + _FIXED[buffer[0]].get(buffer[1], 0)


def whole_command(data: bytes) -> Command:
    """Of all the bytes of a command."""
    named = 3 if data[:2] in (b"\x1d(", b"\x1c(") else 2
    return Command(data[:named], data[named:])


class Tokenizer:
    """``feed`` bytes in pieces of any size; whole tokens come out with their size in bytes.

    ``in_parts``: a command longer than ``PIECE_BYTES`` comes out piece by piece, as a printer
    takes it from its buffer: pictures are longer than the buffer is.
    """

    def __init__(self, *, in_parts: bool = False) -> None:
        self._in_parts = in_parts
        self._pending = bytearray()
        self._need = 1
        self._left = 0
        """Bytes of a command in parts that are still to come, the pending ones not counted."""

    @property
    def inside(self) -> bool:
        """Whether a command has begun whose end has not come yet."""
        return bool(self._pending or self._left)

    def reset(self) -> None:
        self._pending.clear()
        self._need, self._left = 1, 0

    def feed(self, data: bytes) -> Iterator[tuple[Token, int]]:
        for byte in data:
            token = self.feed_one(byte)
            if token is not None:
                yield token

    def feed_one(self, byte: int) -> tuple[Token, int] | None:
        """The token that this byte completes."""
        return self._part(byte) if self._left else self._take(byte)

    def _take(self, byte: int) -> tuple[Token, int] | None:
        if not self._pending and byte not in (DLE, ESC, FS, GS):
            return _SINGLE[byte], 1
        self._pending.append(byte)
        if len(self._pending) < self._need:
            return None
        whole = bytes(self._pending)
        length = command_length(whole)
        if length is not None and self._in_parts and length > max(PIECE_BYTES, len(whole)):
            self._pending.clear()
            self._need, self._left = 1, length - len(whole)
            return Part(whole, last=False), len(whole)
        if length is None or length > len(whole):
            self._need = length or len(whole) + 1
            return None
        self.reset()
        return whole_command(whole), len(whole)

    def _part(self, byte: int) -> tuple[Token, int] | None:
        self._pending.append(byte)
        self._left -= 1
        if self._left and len(self._pending) < PIECE_BYTES:
            return None
        piece = bytes(self._pending)
        self._pending.clear()
        return Part(piece, last=not self._left), len(piece)


class RealTime:
    """Finds real-time commands wherever they stand, in text or in the data of another command."""

    def __init__(self) -> None:
        self._seen = b""

    @property
    def inside(self) -> bool:
        """Whether a command may have begun whose end has not come yet."""
        return bool(self._seen)

    def feed(self, byte: int) -> bytes | None:
        """The whole command that this byte completes."""
        if self._seen or byte == DLE:
            self._seen += bytes((byte,))
            length = _dle(self._seen)
            if length == 1:  # no command: another DLE may begin one
                self._seen = b"\x10" if byte == DLE else b""
            elif length == len(self._seen):
                command, self._seen = self._seen, b""
                return command
        return None
