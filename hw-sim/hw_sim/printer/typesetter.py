"""Text modes of an ESC/POS printer, and the row that is being filled."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from hw_sim.printer.roll import LINE_DOTS, Align, Line, Run

CODE_PAGES: Final = {0: "cp437", 2: "cp850", 3: "cp860", 4: "cp863", 5: "cp865", 16: "cp1252",
                     17: "cp866", 18: "cp852", 19: "cp858"}  # fmt: skip
MISSING: Final = "□"
TALL: Final = 24
ALIGNS: Final[tuple[Align, ...]] = ("left", "center", "right")


@dataclass(slots=True)
class Modes:
    """As they are after power-on and ``ESC @``. Chinese mode is on on a Chinese model."""

    chinese: bool = True
    code_page: int = 0
    wide: int = 1
    tall: int = 1
    hanzi_wide: int = 1
    hanzi_tall: int = 1
    bold: bool = False
    inverse: bool = False
    underline: bool = False
    align: Align = "left"
    spacing: int = LINE_DOTS
    bar_height: int = 162
    bar_module: int = 3
    bar_label: int = 0


@dataclass(slots=True)
class Typesetter:
    """Fills rows with characters; a full row comes out as a ``Line`` by itself."""

    columns: int
    modes: Modes = field(default_factory=Modes)
    _runs: list[Run] = field(default_factory=list)
    _used: int = 0
    _lead: int | None = None

    def reset(self) -> None:
        """``ESC @``: modes as after power-on, the unprinted row is lost."""
        self.modes = Modes()
        self._runs, self._used, self._lead = [], 0, None

    @property
    def empty(self) -> bool:
        return not self._runs

    def put(self, byte: int) -> Line | None:
        """One printable byte. A row that was full before it comes back."""
        if self._lead is not None:
            lead, self._lead = self._lead, None
            return self._place(_hanzi(bytes((lead, byte))), hanzi=True)
        if self.modes.chinese and byte >= 0x81:
            self._lead = byte
            return None
        if byte < 0x80:
            return self._place(chr(byte) if byte < 0x7F else MISSING, hanzi=False)
        page = CODE_PAGES.get(self.modes.code_page)
        char = bytes((byte,)).decode(page, "replace") if page else MISSING
        return self._place(char if char.isprintable() else MISSING, hanzi=False)

    def tab(self) -> Line | None:
        """To the next eighth column."""
        line = None
        for _ in range(8 - self._used % 8):
            line = self._place(" ", hanzi=False) or line
        return line

    def end_row(self) -> Line:
        """The row as it is, at least one line spacing high."""
        height = max((TALL * run.tall for run in self._runs), default=0)
        dots = max(self.modes.spacing, height + (LINE_DOTS - TALL if height > TALL else 0))
        line = Line(tuple(self._runs), self.modes.align, dots)
        self._runs, self._used, self._lead = [], 0, None
        return line

    def _place(self, char: str, *, hanzi: bool) -> Line | None:
        modes = self.modes
        wide = modes.hanzi_wide if hanzi else modes.wide
        tall = modes.hanzi_tall if hanzi else modes.tall
        cells = wide * (2 if hanzi else 1)
        full = self.end_row() if self._used + cells > self.columns else None
        look = Run(char, wide, tall, modes.bold, modes.inverse, modes.underline)
        if self._runs and self._runs[-1] == Run(self._runs[-1].text, *_look(look)):
            self._runs[-1] = Run(self._runs[-1].text + char, *_look(look))
        else:
            self._runs.append(look)
        self._used += cells
        return full


def _look(run: Run) -> tuple[int, int, bool, bool, bool]:
    return run.wide, run.tall, run.bold, run.inverse, run.underline


def _hanzi(pair: bytes) -> str:
    """Two bytes of GBK; what is no such pair shows as a box, as on paper."""
    try:
        return pair.decode("gbk")
    except UnicodeDecodeError:
        return MISSING
