"""Pictures: ``GS v 0`` row by row as it comes, ``GS ( L`` and ``GS 8 L`` stored, ``ESC *``."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

BAND_ROWS: Final = 24
_BIT: Final = tuple(tuple(byte >> (7 - place) & 1 for place in range(8)) for byte in range(256))


@dataclass(frozen=True, slots=True)
class Dots:
    """Rows of whole bytes, a set bit is black."""

    width: int
    height: int
    bits: bytes

    def cut_to(self, width: int) -> Dots:
        """What fits on the paper."""
        if self.width <= width:
            return self
        kept = -(-width // 8)
        return Dots(width, self.height, b"".join(row[:kept] for row in self._rows()))

    def scaled(self, across: int, down: int) -> Dots:
        if across == down == 1:
            return self
        wider = [_widened(row, self.width, across) for row in self._rows()]
        tall = b"".join(row * down for row in wider)
        return Dots(self.width * across, self.height * down, tall)

    def _rows(self) -> list[bytes]:
        size = -(-self.width // 8)
        return [self.bits[row * size : (row + 1) * size] for row in range(self.height)]


def _widened(row: bytes, width: int, times: int) -> bytes:
    bits = [bit for byte in row for bit in _BIT[byte]][:width]
    return _packed([bit for bit in bits for _ in range(times)])


def _packed(bits: list[int]) -> bytes:
    padded = bits + [0] * (-len(bits) % 8)
    return bytes(
        sum(bit << (7 - place) for place, bit in enumerate(padded[start : start + 8]))
        for start in range(0, len(padded), 8)
    )


@dataclass(slots=True)
class Raster:
    """``GS v 0 m xL xH yL yH d…`` while it comes."""

    across: int
    """Bytes of a row."""
    down: int
    scale: tuple[int, int]
    _waiting: bytearray = field(default_factory=bytearray)
    _rows: int = 0

    @classmethod
    def of(cls, header: bytes) -> Raster:
        """``header``: the eight bytes before the dots."""
        mode = header[3] & 3
        return cls(
            int.from_bytes(header[4:6], "little"),
            int.from_bytes(header[6:8], "little"),
            (2 if mode & 1 else 1, 2 if mode & 2 else 1),
        )

    def take(self, data: bytes) -> Dots | None:
        """The rows that are there now, as soon as they make a band or the end."""
        self._waiting += data
        if not self.across:
            return None
        rows = len(self._waiting) // self.across
        if not rows or (rows < BAND_ROWS and self._rows + rows < self.down):
            return None
        size = rows * self.across
        bits = bytes(self._waiting[:size])
        del self._waiting[:size]
        self._rows += rows
        return Dots(self.across * 8, rows, bits).scaled(*self.scale)


class Graphics:
    """The print buffer for graphics holds one picture."""

    def __init__(self) -> None:
        self._stored: Dots | None = None

    def command(self, data: bytes) -> Dots | None:
        """``m fn …``: the picture to print, where this is the print command (2, 50)."""
        function = data[1] if len(data) > 1 else None
        if function == 112 and len(data) >= 10:
            width, height = (int.from_bytes(data[at : at + 2], "little") for at in (6, 8))
            bits = data[10:]
            fits = len(bits) == (width + 7) // 8 * height and width and height
            scale = (max(1, data[3]), max(1, data[4]))
            self._stored = Dots(width, height, bits).scaled(*scale) if fits else None
        elif function in (2, 50):
            stored, self._stored = self._stored, None
            return stored
        return None


def columns(data: bytes) -> Dots | None:
    """``ESC * m nL nH d…``, its first two bytes taken off: eight or 24 dots a column.

    Eight dots are three rows of paper each, single density two dots across.
    """
    mode, count = data[0], int.from_bytes(data[1:3], "little")
    if mode not in (0, 1, 32, 33) or not count:
        return None
    size = 3 if mode >= 32 else 1
    across = 1 if mode & 1 else 2
    tall = 1 if size == 3 else 3
    bits = [
        [bit for byte in data[3 + at * size : 3 + (at + 1) * size] for bit in _BIT[byte]]
        for at in range(count)
    ]
    rows = [_packed([column[row] for column in bits]) for row in range(size * 8)]
    return Dots(count, size * 8, b"".join(rows)).scaled(across, tall)
