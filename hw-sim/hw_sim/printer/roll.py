"""What was printed: rows on the paper roll, cut into receipts."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Align = Literal["left", "center", "right"]
LINE_DOTS = 30
"""Default line spacing: 24 dots of a character and 6 between."""


@dataclass(frozen=True, slots=True)
class Run:
    """Characters of one look. ``wide`` and ``tall`` are times 12 × 24 dots (Hanzi 24 × 24)."""

    text: str
    wide: int = 1
    tall: int = 1
    bold: bool = False
    inverse: bool = False
    underline: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    runs: tuple[Run, ...]
    align: Align
    dots: int
    """Paper that it takes, in dots of 1/8 mm."""


@dataclass(frozen=True, slots=True)
class Bars:
    """CODE128 as bars and spaces in modules, beginning with a bar; ``text`` is what it says."""

    text: str
    modules: tuple[int, ...]
    module_dots: int
    dots: int
    label: bool
    align: Align
    symbology: str = "CODE128"


@dataclass(frozen=True, slots=True)
class Qr:
    text: str
    matrix: tuple[tuple[bool, ...], ...]
    module_dots: int
    align: Align


@dataclass(frozen=True, slots=True)
class Picture:
    """A raster: ``width`` dots in rows of whole bytes, a set bit is black."""

    width: int
    height: int
    bits: bytes
    align: Align


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
        self.current.items.append(item)

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
