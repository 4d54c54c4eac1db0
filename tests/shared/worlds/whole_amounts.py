"""Holds every page that a test shows against the rule that no amount is ever cut.

Each page is laid out again, for several sizes of display, with the largest amounts in place of its
own and with names full of characters that have no width.
"""

from __future__ import annotations

import re
from typing import Any, Final

from msgspec.structs import replace
from pos_drivers.ansi_paint import screen_of

from pos_terminal.core.cells import width
from pos_terminal.core.words import Value, Words
from pos_terminal.ports import Frame
from pos_terminal.texts import Language, render
from pos_terminal.ui.page import Line, Page, lay_out

LARGEST: Final = ("9999999999.99", "999999999.999")
"""What field 4 (n12) carries, in yuan and in Kuwaiti dinars."""
SIZES: Final = ((20, 8), (21, 8), (26, 8), (32, 10), (40, 15), (50, 30), (80, 25))
WHOLE: Final = 100
"""Rows enough for most pages without scrolling."""

_AMOUNT: Final = re.compile(r"(?<![\d.,:/-])-?\d+\.\d{2,3}(?![\d.])")
_NINES: Final = re.compile(r"[9.]{6,}")
_LETTER: Final = re.compile(r"(?<=[A-Za-z\u4e00-\u9fff])(?=[A-Za-z\u4e00-\u9fff])")
WITHOUT_WIDTH: Final = "\u200b\u0301\u202e\ufeff\u20dd\x07\ufe0f"


def faults(page: Page, language: Language, largest: str) -> list[str]:
    """What is wrong with this page on some display; empty where nothing is."""
    page = _spoilt(page, largest)
    wanted = sum(text.count(largest) for text in _texts(page, language))
    found = []
    for columns, rows in SIZES:
        enough = max(WHOLE, 4 * len(page.lines))
        whole = _joined(lay_out(page, columns, enough, language))
        if whole.count(largest) != wanted:
            found.append(f"{page.name}: {wanted} amounts in {columns} columns:\n{whole}")
        for top in (0, 5):
            shown = lay_out(replace(page, top=top), columns, rows, language)
            if any(nines != largest for nines in _NINES.findall(_joined(shown))):
                found.append(f"{page.name}: cut on {columns} x {rows}:\n{_joined(shown)}")
            if any(width(row.text) > columns for row in shown.rows) or len(shown.rows) != rows:
                found.append(f"{page.name}: not {columns} x {rows}:\n{_joined(shown)}")
    return found


def shape(page: Page) -> tuple[object, ...]:
    """Pages that differ in their figures and names alone have the same."""
    lines = [(_shape(line.words), bool(line.value)) for line in page.lines]
    return (page.name, page.title.code, *lines, page.entry is None, page.chosen is None)


def _shape(words: Words | str) -> str:
    return "" if isinstance(words, str) else words.code


def _joined(frame: Frame) -> str:
    """What a terminal of this size shows, by its driver."""
    return "\n".join(row.text for row in screen_of(frame, frame.columns, len(frame.rows)))


def _texts(page: Page, language: Language) -> list[str]:
    words: list[Any] = [page.title, page.entry, page.hint, page.more]
    for line in page.lines:
        words += [line.words, line.value]
    return [render(one, language) if isinstance(one, Words) else one or "" for one in words]


def _spoilt(page: Page, largest: str) -> Page:
    def large(text: str) -> str:
        return _LETTER.sub(WITHOUT_WIDTH, _AMOUNT.sub(largest, text))

    def value(one: Value) -> Value:
        return large(one) if isinstance(one, str) else one

    def words(one: Words) -> Words:
        return Words(one.code, {name: value(it) for name, it in one.values.items()})

    def line(one: Line) -> Line:
        said = large(one.words) if isinstance(one.words, str) else words(one.words)
        return replace(one, words=said, value=large(one.value))

    return replace(
        page,
        title=words(page.title),
        lines=tuple(map(line, page.lines)),
        entry=None if page.entry is None else large(page.entry),
        hint=None if page.hint is None else words(page.hint),
        more=None if page.more is None else words(page.more),
    )
