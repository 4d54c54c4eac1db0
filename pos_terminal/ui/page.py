"""A page is what a prompt shows; laying it out in cells is a pure function."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from msgspec import Struct

from pos_terminal.core import cells
from pos_terminal.core.words import Words
from pos_terminal.ports import Frame, Row, Style
from pos_terminal.texts import Language, render
from pos_terminal.ui.memo import last_made


class Line(Struct, frozen=True):
    """One paragraph of a page: a text by key, or literal text such as a name or an amount."""

    words: Words | str
    value: str = ""
    """Right-aligned on the same row: ``金额 ……… 123.45``."""
    style: Style = Style.PLAIN


class Page(Struct, frozen=True):
    """``name`` is the prompt's stable name, which tests and the bench wait for."""

    name: str
    title: Words
    lines: tuple[Line, ...] = ()
    entry: str | None = None
    """What was typed so far, as it may be shown; None where nothing is typed."""
    hint: Words | None = None
    alert: bool = False
    top: int = 0
    """First body row to show, where the body is longer than the screen."""
    chosen: int | None = None
    """Index of the line that is marked and kept in sight."""
    more: Words | None = None
    """Above the hint: that there are further options, and how to come to them."""


_BLANK: Final = Row("")
_PARTING: Final = "  "


def lay_out(
    page: Page,
    columns: int,
    rows: int,
    language: Language,
    status: Sequence[Words] = (),
) -> Frame:
    """The page as a frame of exactly ``rows`` rows: title and status, body, entry, hint.

    Arrows at the end of the title row say that the body goes on above or beneath.
    """
    body = _body(page.lines, page.chosen, columns, language)
    foot = _foot(page, columns, language)
    room = rows - 1 - len(foot)
    top = _first_row(page, body, room)
    arrows = ("↑" if top > 0 else "") + ("↓" if top + room < len(body) else "")
    marks = [
        *(render(words, language) for words in status),
        *([arrows] if arrows else []),
    ]
    title = _title(page.title, page.alert, " ".join(marks), columns, language)
    shown = [row for _, row in body[top : top + room]]
    shown += [_BLANK] * (room - len(shown))
    return Frame(columns, (title, *shown, *foot), page.name)


def body_overflow(page: Page, columns: int, rows: int, language: Language) -> int:
    """How many body rows do not fit; 0 where all is in sight."""
    room = rows - 1 - len(_foot(page, columns, language))
    return max(0, len(_body(page.lines, page.chosen, columns, language)) - room)


# most keys change a row: what a page shares with the one before is not laid out again


@last_made
def _title(title: Words, alert: bool, marks: str, columns: int, language: Language) -> Row:
    style = Style.ALERT if alert else Style.TITLE
    return Row(cells.both_ends(render(title, language), marks, columns), style)


@last_made
def _body(
    lines: tuple[Line, ...], chosen: int | None, columns: int, language: Language
) -> Sequence[tuple[int, Row]]:
    """Rows of the body, each with the index of its line."""
    rows: list[tuple[int, Row]] = []
    for index, line in enumerate(lines):
        style = Style.CHOSEN if index == chosen else line.style
        text = line.words if isinstance(line.words, str) else render(line.words, language)
        if line.value and cells.width(text) + cells.width(line.value) < columns:
            rows.append((index, Row(cells.both_ends(text, line.value, columns), style)))
            continue
        rows += [(index, Row(part, style)) for part in cells.wrap(text, columns)]
        if line.value:
            values = cells.wrap(line.value, columns)
            rows += [(index, Row(cells.pad_left(value, columns), style)) for value in values]
    return rows


def _foot(page: Page, columns: int, language: Language) -> list[Row]:
    foot = []
    if page.entry is not None:
        foot.append(Row("> " + cells.clip_left(page.entry, columns - 3) + "_", Style.CHOSEN))
    if page.more is not None:
        foot.append(Row(cells.clip(render(page.more, language), columns)))
    if page.hint is not None:
        foot += _hint(page.hint, columns, language)
    return foot


@last_made
def _hint(hint: Words, columns: int, language: Language) -> Sequence[Row]:
    """Two blanks part what a hint says, and rows break there first: one part stays whole."""
    rows: list[str] = []
    for part in render(hint, language).split(_PARTING):
        joined = f"{rows[-1]}{_PARTING}{part}" if rows else part
        if rows and cells.width(joined) <= columns:
            rows[-1] = joined
        else:
            rows += cells.wrap(part, columns)
    return [Row(row) for row in rows]


def _first_row(page: Page, body: Sequence[tuple[int, Row]], room: int) -> int:
    last = max(0, len(body) - room)
    if page.chosen is None:
        return min(page.top, last)
    at = [number for number, (index, _) in enumerate(body) if index == page.chosen]
    return min(last, max(0, at[-1] - room + 1)) if at and at[-1] >= room else 0
