"""What was printed: rows on the paper roll, cut into receipts."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Align = Literal["left", "center", "right"]
LINE_DOTS = 30
"""Default line spacing: 24 dots of a character and 6 between."""


@dataclass(frozen=True, slots=True)
class Run:
    """Characters of one look, ``at`` so many dots from where its row begins."""

    text: str
    wide: int = 1
    tall: int = 1
    bold: bool = False
    inverse: bool = False
    underline: bool = False
    double: bool = False
    """Hanzi: 24 dots wide where a letter has 12 (font A) or 9 (font B)."""
    at: int = 0
    char: int = 12
    """Dots of one character, ``wide`` counted in."""
    gap: int = 0
    """Dots between two, by ``ESC SP`` and ``FS S``."""

    @property
    def columns(self) -> int:
        """Columns of a text that shows all letters small."""
        return len(self.text) * (2 if self.double else 1)

    @property
    def end(self) -> int:
        """The dot where the next character would stand."""
        return self.at + len(self.text) * (self.char + self.gap)


@dataclass(frozen=True, slots=True)
class Strip:
    """Dots of ``ESC *`` in a row of text: ``height`` rows of whole bytes, a set bit is black."""

    width: int
    height: int
    bits: bytes
    at: int = 0

    @property
    def end(self) -> int:
        return self.at + self.width


@dataclass(frozen=True, slots=True)
class Line:
    runs: tuple[Run | Strip, ...]
    align: Align
    dots: int
    """Paper that it takes, in dots of 1/8 mm."""
    at: int = 0
    """Dots from the edge of the printed width to where the row begins."""
    placed: bool = False
    """Whether something was put to a dot of its own (margins, ``ESC $``, ``ESC \\``)."""


@dataclass(frozen=True, slots=True)
class Bars:
    """Widths of bars and spaces in dots, beginning with a bar; ``text`` is what they say."""

    text: str
    widths: tuple[int, ...]
    dots: int
    label: bool
    align: Align
    at: int = 0
    symbology: str = "CODE128"


@dataclass(frozen=True, slots=True)
class Qr:
    text: str
    matrix: tuple[tuple[bool, ...], ...]
    module_dots: int
    align: Align
    at: int = 0


@dataclass(frozen=True, slots=True)
class Picture:
    """A raster: ``width`` dots in rows of whole bytes, a set bit is black."""

    width: int
    height: int
    bits: bytes
    align: Align
    at: int = 0
    goes_on: bool = False
    """More of it is still to come from the host."""

    def __add__(self, more: Picture) -> Picture:
        height, bits = self.height + more.height, self.bits + more.bits
        return Picture(self.width, height, bits, self.align, self.at, more.goes_on)


@dataclass(frozen=True, slots=True)
class Blank:
    dots: int


Item = Line | Bars | Qr | Picture | Blank


@dataclass(slots=True)
class Receipt:
    """From one cut to the next. ``complete`` only where the cut was made."""

    columns: int
    items: list[Item] = field(default_factory=list)
    complete: bool = False

    @property
    def printed(self) -> bool:
        """Whether there is more on it than blank paper."""
        return any(
            not isinstance(item, Blank) and item != Line((), "left", LINE_DOTS)
            for item in self.items
        )


@dataclass(slots=True)
class Roll:
    """All receipts of this roll; the last may still hang from the printer."""

    columns: int
    receipts: list[Receipt] = field(default_factory=list)
    current: Receipt | None = None
    keep: int = 2000
    """The oldest receipts are thrown away beyond so many: a bench may run for days."""

    def add(self, item: Item) -> None:
        if self.current is None:
            self.current = Receipt(self.columns)
        items = self.current.items
        last = items[-1] if items else None
        if isinstance(item, Picture) and isinstance(last, Picture) and last.goes_on:
            items[-1] = last + item
        else:
            items.append(item)

    def cut(self) -> None:
        """The cutter: what hangs there is a whole receipt, unless it is blank."""
        self._end(complete=True)

    def torn(self) -> None:
        """The print was cut off: what hangs there never becomes whole."""
        self._end(complete=False)

    def _end(self, complete: bool) -> None:
        receipt, self.current = self.current, None
        if receipt is not None and receipt.printed:
            receipt.complete = complete
            self.receipts.append(receipt)
            del self.receipts[: -self.keep]

    def all(self) -> list[Receipt]:
        """Receipts in their order, the unfinished one last."""
        hanging = [self.current] if self.current is not None and self.current.printed else []
        return [*self.receipts, *hanging]
