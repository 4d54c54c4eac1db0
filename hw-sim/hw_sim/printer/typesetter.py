"""Text modes of an ESC/POS printer, and the row that is being filled."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from hw_sim.printer.charsets import hanzi, letter
from hw_sim.printer.graphics import Dots
from hw_sim.printer.roll import LINE_DOTS, Align, Line, Run, Strip

COLUMN: Final = 12
"""Dots of a letter of font A; a Hanzi has two of them, a letter of font B three quarters."""
TALL: Final = 24
FONTS: Final = (COLUMN, 9)
TAB_COLUMNS: Final = 8
ALIGNS: Final[tuple[Align, ...]] = ("left", "center", "right")
_Look = tuple[int, int, bool, bool, bool, bool, int, int]
"""All of a run but what it says, and where: as ``Run`` has it, ``char`` and ``gap`` last."""


@dataclass(slots=True)
class Modes:
    """As they are after power-on and ``ESC @``. Chinese mode is on on a Chinese model."""

    chinese: bool = True
    code_page: int = 0
    font: int = 0
    gap: int = 0
    hanzi_gap: int = 0
    wide: int = 1
    tall: int = 1
    hanzi_wide: int = 1
    hanzi_tall: int = 1
    bold: bool = False
    inverse: bool = False
    underline: bool = False
    align: Align = "left"
    spacing: int = LINE_DOTS
    left: int = 0
    """``GS L``, dots."""
    width: int | None = None
    """``GS W``, dots; all that is right of the margin without it."""
    bar_height: int = 162
    bar_module: int = 3
    bar_label: int = 0


@dataclass(slots=True)
class Typesetter:
    """Fills rows with characters; a full row comes out as a ``Line`` by itself."""

    columns: int
    modes: Modes = field(default_factory=Modes)
    _parts: list[Run | Strip] = field(default_factory=list)
    _chars: list[str] = field(default_factory=list)
    """Of the last run of the row, so far: a run is made once, not once a letter."""
    _look: _Look | None = None
    _begun: int = 0
    _end: int = 0
    """Its first dot, and that where its next character would stand."""
    _x: int = 0
    """Where the next character stands, in dots from the left margin."""
    _placed: bool = False
    _lead: int | None = None

    def reset(self) -> None:
        """``ESC @``: modes as after power-on, the unprinted row is lost."""
        self.modes = Modes()
        self._begin()

    def _begin(self) -> None:
        self._parts, self._x, self._placed, self._lead = [], 0, False, None
        self._chars.clear()

    @property
    def empty(self) -> bool:
        return not self._parts and not self._chars

    @property
    def width(self) -> int:
        """Dots of the print area."""
        paper = self.columns * COLUMN - self.modes.left
        return paper if self.modes.width is None else max(0, min(paper, self.modes.width))

    def place(self, width: int) -> int:
        """Where something of so many dots begins, in dots from the edge of the printed width."""
        room = max(0, self.width - width)
        return self.modes.left + {"left": 0, "center": room // 2, "right": room}[self.modes.align]

    def put(self, byte: int) -> Line | None:
        """One printable byte. A row that was full before it comes back."""
        if self._lead is not None:
            lead, self._lead = self._lead, None
            return self._add(hanzi(bytes((lead, byte))), double=True)
        if self.modes.chinese and byte >= 0x81:
            self._lead = byte
            return None
        return self._add(letter(byte, self.modes.code_page), double=False)

    def tab(self) -> Line | None:
        """To the next eighth column."""
        line = None
        step = TAB_COLUMNS * COLUMN
        for _ in range(-(-(step - self._x % step) // COLUMN)):
            line = self._add(" ", double=False) or line
        return line

    def move_to(self, x: int) -> None:
        """``ESC $`` and ``ESC \\``: the next character stands there. Outside: ignored."""
        if 0 <= x < self.width:
            self._x, self._placed = x, True

    def move_by(self, dots: int) -> None:
        self.move_to(self._x + dots)

    def strip(self, dots: Dots) -> None:
        """Dots in the row; what does not fit on it is left out."""
        room = self.width - self._x
        if room > 0:
            self._end_run()
            kept = dots.cut_to(room)
            self._parts.append(Strip(kept.width, kept.height, kept.bits, self._x))
            self._x += kept.width

    def end_row(self) -> Line:
        """The row as it is, at least one line spacing high."""
        self._end_run()
        tallest = [TALL * part.tall if isinstance(part, Run) else part.height
                   for part in self._parts]  # fmt: skip
        height = max(tallest, default=0)
        dots = max(self.modes.spacing, height + (LINE_DOTS - TALL if height > TALL else 0))
        at = self.place(max((part.end for part in self._parts), default=0))
        placed = self._placed or self.modes.left > 0 or self.modes.width is not None
        line = Line(tuple(self._parts), self.modes.align, dots, at, placed)
        self._begin()
        return line

    def _add(self, char: str, *, double: bool) -> Line | None:
        modes = self.modes
        if double:
            wide, tall, gap, dots = modes.hanzi_wide, modes.hanzi_tall, modes.hanzi_gap, 2 * COLUMN
        else:
            wide, tall, gap, dots = modes.wide, modes.tall, modes.gap, FONTS[modes.font]
        dots, gap = dots * wide, gap * wide
        full = self.end_row() if self._x + dots > self.width else None
        look = (wide, tall, modes.bold, modes.inverse, modes.underline, double, dots, gap)
        if look != self._look or self._x != self._end or not self._chars:
            self._end_run()
            self._look, self._begun = look, self._x
        self._chars.append(char)
        self._x = self._end = self._x + dots + gap
        return full

    def _end_run(self) -> None:
        """What was set so far becomes a part of the row."""
        if self._chars:
            assert self._look is not None  # characters have one
            wide, tall, bold, inverse, underline, double, dots, gap = self._look
            text, at = "".join(self._chars), self._begun
            self._parts.append(
                Run(text, wide, tall, bold, inverse, underline, double, at, dots, gap)
            )
            self._chars.clear()
