"""Frames to ANSI escape sequences (ECMA-48), as little as turns the old screen into the new one."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from pos_terminal.core.cells import pad, width
from pos_terminal.ports import Frame, Row, Style

SGR: Final = {
    Style.PLAIN: "\x1b[0m",
    Style.TITLE: "\x1b[0;1;37;44m",
    Style.CHOSEN: "\x1b[0;7m",
    Style.ALERT: "\x1b[0;1;37;41m",
}
"""Bold white on blue, reverse, bold white on red."""

OPEN: Final = b"\x1b[0m\x1b[?25l\x1b[?7l\x1b[2J"
"""Cursor hidden, no wrap at the right edge (the last column would scroll), screen cleared."""
BELL: Final = b"\x07"

Screen = tuple[Row, ...]
"""What a terminal shows: every row filled to the full width, without a control character
(``cells.seen``): a scanned text must not steer it."""


def screen_of(frame: Frame, columns: int, rows: int) -> Screen:
    """The frame on a terminal of this size; what does not fit is cut off."""
    shown = [_filled(row, columns) for row in frame.rows[:rows]]
    return (*shown, *[Row(" " * columns)] * (rows - len(shown)))


@lru_cache(maxsize=128)
def _filled(row: Row, columns: int) -> Row:
    """From one key to the next most rows stay as they are."""
    return Row(pad(row.text, columns), row.style)


def blank(columns: int, rows: int) -> Screen:
    """The screen after ``OPEN``."""
    return (Row(" " * columns),) * rows


def paint(before: Screen, after: Screen) -> bytes:
    """The bytes that turn ``before`` into ``after``; both have the same size."""
    painted = [
        _paint_row(number, old, new)
        for number, (old, new) in enumerate(zip(before, after, strict=True), 1)
        if old is not new and old != new
    ]
    return "".join(painted).encode()


def leave(rows: int) -> bytes:
    """Cursor and wrap as they were, below the last row."""
    return f"\x1b[0m\x1b[{rows};1H\x1b[?7h\x1b[?25h\r\n".encode()


def _paint_row(number: int, old: Row, new: Row) -> str:
    if old.style is not new.style:
        return _at(number, 1) + SGR[new.style] + new.text
    head = _common(old.text, new.text)
    tail = _common(old.text[head:][::-1], new.text[head:][::-1])
    changed = new.text[head : len(new.text) - tail]
    return _at(number, 1 + width(new.text[:head])) + SGR[new.style] + changed


def _common(one: str, other: str) -> int:
    """How many characters both begin with; by halves, which is quicker than one by one."""
    least, most = 0, min(len(one), len(other))
    while least < most:
        half = (least + most + 1) // 2
        if one[:half] == other[:half]:
            least = half
        else:
            most = half - 1
    return least


def _at(row: int, column: int) -> str:
    return f"\x1b[{row};{column}H"
