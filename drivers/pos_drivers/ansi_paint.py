"""Frames to ANSI escape sequences (ECMA-48), as little as turns the old screen into the new one.

A large row is two lines of double height and width, with the same text, its upper and its lower
half (DEC STD 070: DECDHL ``ESC # 3`` and ``ESC # 4``, back by DECSWL ``ESC # 5``).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum
from functools import lru_cache
from typing import Final

from msgspec import Struct

from pos_terminal.core.cells import has_sure_width, pad, width
from pos_terminal.ports import Frame, Row, Style

SGR: Final = {
    Style.PLAIN: "\x1b[0m",
    Style.TITLE: "\x1b[0;1;37;44m",
    Style.CHOSEN: "\x1b[0;7m",
    Style.ALERT: "\x1b[0;1;37;41m",
}
"""Bold white on blue, reverse, bold white on red."""
BOLD: Final = "\x1b[1m"
"""Beside its colours, for a large row where lines of double height are not known."""

OPEN: Final = b"\x1b[0m\x1b[?25l\x1b[?7l\x1b[2J"
"""Cursor hidden, no wrap at the right edge (the last column would scroll), screen cleared."""
BELL: Final = b"\x07"

_NOT_IT: Final = ("VTE_VERSION", "KITTY_WINDOW_ID", "ALACRITTY_WINDOW_ID", "TERMINAL_EMULATOR")
"""Emulators that call themselves xterm and show a line of double height as two equal lines."""
_PROGRAMS: Final = ("", "Apple_Terminal", "iTerm.app", "mintty")
"""Others that say who they are, and have it."""


class Size(StrEnum):
    """Of a line; the value is what follows ``ESC #``."""

    TOP = "3"
    BOTTOM = "4"
    PLAIN = "5"


class Lined(Struct, frozen=True):
    """A line as the terminal has it: filled to its full width, no control character in it
    (``cells.seen``): a scanned text must not steer a terminal."""

    text: str
    style: Style = Style.PLAIN
    size: Size = Size.PLAIN
    bold: bool = False


Screen = tuple[Lined, ...]


def knows_double_height(environment: Mapping[str, str], device: str = "") -> bool:
    """Whether the terminal has lines of double height: VT100 to VT520, xterm, PuTTY, mlterm,
    Konsole. The Linux console, screen and tmux have not, nor have most others."""
    console = device.removeprefix("/dev/tty")
    if console.isdigit():
        return False
    term = environment.get("TERM", "")
    if re.match(r"vt[1-5]\d\d|putty|mlterm|konsole", term):
        return True
    if term not in ("xterm", "xterm-color", "xterm-256color"):
        return False
    elsewhere = any(name in environment for name in _NOT_IT)
    return not elsewhere and environment.get("TERM_PROGRAM", "") in _PROGRAMS


def screen_of(frame: Frame, columns: int, rows: int, *, double: bool = False) -> Screen:
    """The frame on a terminal of this size; what does not fit is cut off. ``double``: it has
    lines of double height."""
    shown: list[Lined] = []
    for row in frame.rows:
        if double and shown and shown[-1].size is Size.TOP:
            shown.append(_bottom(shown[-1]))
        else:
            shown.append(_filled(row, columns, double))
    return (*shown[:rows], *blank(columns, rows - len(shown)))


@lru_cache(maxsize=128)
def _filled(row: Row, columns: int, double: bool) -> Lined:
    """From one key to the next most rows stay as they are."""
    if row.large and double:
        return Lined(pad(row.large, columns // 2), row.style, Size.TOP)
    return Lined(pad(row.text, columns), row.style, bold=bool(row.large))


@lru_cache(maxsize=16)
def _bottom(top: Lined) -> Lined:
    return Lined(top.text, top.style, Size.BOTTOM)


def blank(columns: int, rows: int) -> Screen:
    """The screen after ``OPEN``."""
    return (Lined(" " * columns),) * rows


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


def _paint_row(number: int, old: Lined, new: Lined) -> str:
    look = SGR[new.style] + (BOLD if new.bold else "")
    if old.size is not new.size:
        return f"{_at(number, 1)}\x1b#{new.size}{look}{_steady(new.text, number, 1)}"
    if (old.style, old.bold) != (new.style, new.bold):
        return _at(number, 1) + look + _steady(new.text, number, 1)
    head = _common(old.text, new.text)
    tail = _common(old.text[head:][::-1], new.text[head:][::-1])
    changed = new.text[head : len(new.text) - tail]
    column = 1 + width(new.text[:head])
    return _at(number, column) + look + _steady(changed, number, column)


def _steady(text: str, row: int, column: int) -> str:
    """The text with its place said again behind each character that terminals do not agree on:
    one that takes it for a cell more or less must not move the amount at the end of the row."""
    if has_sure_width(text):
        return text
    parts = []
    for char in text:
        column += width(char)
        parts.append(char if has_sure_width(char) else char + _at(row, column))
    return "".join(parts)


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
