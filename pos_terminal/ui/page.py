"""A page is what a prompt shows; laying it out in cells is a pure function."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

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
    large: bool = False
    """Twice as high and wide where there is room: an amount, what is asked of the customer."""


class Page(Struct, frozen=True):
    """``name`` is the prompt's stable name, which tests and the bench wait for."""

    name: str
    title: Words
    lines: tuple[Line, ...] = ()
    entry: str | None = None
    """What was typed so far, as it may be shown; None where nothing is typed."""
    large_entry: bool = False
    hint: Words | None = None
    alert: bool = False
    large_title: bool = False
    top: int = 0
    """First body row to show, where the body is longer than the screen."""
    chosen: int | None = None
    """Index of the line that is marked and kept in sight."""
    more: Words | None = None
    """Above the hint: that there are further options, and how to come to them."""


_BLANK: Final = Row("")
_BENEATH_ENTRY: Final = Row("", Style.CHOSEN)
"""There also while the entry is too long to be large: nothing jumps while somebody types."""
MOST_ASKED: Final = 2
"""Rows of a question that stay above the entry."""
MOST_LARGE: Final = 2
"""Large rows that one text may take."""
SMALL: Final = 6
"""Rows of the body of a screen on which nobody wants to move by one."""
_PARTING: Final = "  "


def lay_out(
    page: Page, columns: int, rows: int, language: Language, status: Sequence[Words] = ()
) -> Frame:
    """The page as a frame of exactly ``rows`` rows: title and status, body, entry, hint.

    Arrows at the end of the title row say that the body goes on above or beneath. Where the title
    would be cut, one sign stands for all that ``status`` says.
    """
    body, foot = _body_and_foot(page, columns, rows, language)
    room = rows - 1 - len(foot)
    top = _first_row(page, body, room)
    arrows = ("↑" if top > 0 else "") + ("↓" if top + room < len(body) else "")
    marks = _marks(
        page.title, [render(words, language) for words in status], arrows, columns, language
    )
    head: Sequence[Row] = [_title(page.title, page.alert, marks, columns, language)]
    if page.large_title and len(body) < room:
        head = _large_title(head[0], page.title, marks, columns, language)
    shown = [row for _, row in body[top : top + room]]
    shown += [_BLANK] * (rows - len(head) - len(foot) - len(shown))
    return Frame(columns, (*head, *shown, *foot), page.name)


def body_overflow(page: Page, columns: int, rows: int, language: Language) -> int:
    """How many body rows do not fit; 0 where all is in sight."""
    body, foot = _body_and_foot(page, columns, rows, language)
    return max(0, len(body) + len(foot) + 1 - rows)


def row_of(page: Page, index: int, columns: int, rows: int, language: Language) -> int:
    """The first body row to show for this line to be on top, or as high as it comes: 0 where all
    of the body is in sight, or the line is in the upper half anyway."""
    body, foot = _body_and_foot(page, columns, rows, language)
    room = rows - 1 - len(foot)
    at = next((number for number, (line, _) in enumerate(body) if line >= index), 0)
    return 0 if 2 * at <= room else min(at, max(0, len(body) - room))


def turned(page: Page, down: bool, columns: int, rows: int, language: Language) -> int:
    """The first body row after a turn of the page. A small screen turns as much as it shows, from
    one whole line to another; a larger one a row."""
    body, foot = _body_and_foot(page, columns, rows, language)
    room = rows - 1 - len(foot)
    last = max(0, len(body) - room)
    top = min(page.top, last)
    if room > SMALL:
        return min(last, max(0, top + (1 if down else -1)))
    begins = [n for n, (at, _) in enumerate(body) if n == 0 or at != body[n - 1][0]]
    if down:
        unseen = max((n for n in begins if top < n <= top + room), default=top + room)
        return min(last, unseen)
    return next((n for n in begins if max(0, top - room) <= n < top), max(0, top - room))


def _body_and_foot(
    page: Page, columns: int, rows: int, language: Language
) -> tuple[Sequence[tuple[int, Row]], Sequence[Row]]:
    """Large is only what leaves everything in sight, and empty only what need not be scrolled."""
    foot = _foot(page, columns, language)
    body = _body(page.lines, page.chosen, columns, language)
    spare = rows - 1 - len(foot) - len(body)
    if spare < 0:
        body = [(index, row) for index, row in body if row.text]
        if page.entry is not None:  # what is asked is its last line, and stays above the entry
            asked = [row for index, row in body if index == len(page.lines) - 1]
            if len(asked) <= MOST_ASKED:
                foot, body = [*asked, *foot], body[: len(body) - len(asked)]
    if page.large_entry and page.entry is not None and spare > 0:
        entry = foot[0]
        if cells.width(entry.text) <= columns // 2:
            entry = replace(entry, large=entry.text)
        foot = [entry, _BENEATH_ENTRY, *foot[1:]]
        spare -= 1
    if spare > 0 and any(line.large for line in page.lines):
        body = _enlarged(page.lines, body, spare, columns, language)
    return body, foot


# most keys change a row: what a page shares with the one before is not laid out again


def _marks(
    title: Words, warnings: Sequence[str], arrows: str, columns: int, language: Language
) -> str:
    """At the end of the title row: the title matters more than what a mark says in words."""
    marks = " ".join([*warnings, *([arrows] if arrows else [])])
    if not warnings or cells.width(render(title, language)) + 1 + cells.width(marks) <= columns:
        return marks
    return warnings[0][0] + arrows


@last_made
def _title(title: Words, alert: bool, marks: str, columns: int, language: Language) -> Row:
    style = Style.ALERT if alert else Style.TITLE
    text = _whole_words(render(title, language), columns - cells.width(marks) - bool(marks))
    return Row(cells.both_ends(text, marks, columns), style)


def _whole_words(text: str, room: int) -> str:
    """As many of its words as fit; what has none to spare is cut by whoever shows it."""
    words = text.split(" ")
    while len(words) > 1 and cells.width(" ".join(words)) > room:
        words.pop()
    return " ".join(words).rstrip(" :,") if len(words) < len(text.split(" ")) else text


def _large_title(
    row: Row, title: Words, marks: str, columns: int, language: Language
) -> Sequence[Row]:
    text, half = render(title, language), columns // 2
    if cells.width(text) + 1 + cells.width(marks) > half:
        return [row]
    return [replace(row, large=cells.both_ends(text, marks, half)), Row("", row.style)]


@last_made
def _body(
    lines: tuple[Line, ...], chosen: int | None, columns: int, language: Language
) -> Sequence[tuple[int, Row]]:
    """Rows of the body, each with the index of its line."""
    rows: list[tuple[int, Row]] = []
    for index, line in enumerate(lines):
        style = Style.CHOSEN if index == chosen else line.style
        text = _said(line, language)
        if line.value and cells.width(text) + cells.width(line.value) < columns:
            rows.append((index, Row(cells.both_ends(text, line.value, columns), style)))
            continue
        rows += [(index, Row(part, style)) for part in cells.wrap(text, columns)]
        if line.value:
            values = cells.wrap(line.value, columns)
            rows += [(index, Row(cells.pad_left(value, columns), style)) for value in values]
    return rows


@last_made
def _enlarged(
    lines: tuple[Line, ...],
    body: Sequence[tuple[int, Row]],
    spare: int,
    columns: int,
    language: Language,
) -> Sequence[tuple[int, Row]]:
    """The body with its large lines, from the top, as long as there are ``spare`` rows."""
    rows: list[tuple[int, Row]] = []
    for index, line in enumerate(lines):
        own = [row for at, row in body if at == index]
        large = _large_rows(_said(line, language), line, columns) if line.large else []
        if large and len(large) - len(own) <= spare:
            spare -= len(large) - len(own)
            own = large
        rows += [(index, row) for row in own]
    return rows


def _large_rows(text: str, line: Line, columns: int) -> list[Row]:
    """The line twice as large; nothing where that is too wide. A value that has no room beside
    its label stands large beneath it: what is read is the amount."""
    half = columns // 2
    beneath = Row("", line.style)
    if not line.value:
        parts = cells.wrap(text, half)
        if len(parts) > MOST_LARGE or cells.width(text) > columns:
            return []
        rows: list[Row] = []
        for part in parts:
            rows += [Row("" if rows else text, line.style, part), beneath]
        return rows
    if cells.width(line.value) > half:
        return []
    if cells.width(text) + cells.width(line.value) < half:
        small, large = (cells.both_ends(text, line.value, width) for width in (columns, half))
        return [Row(small, line.style, large), beneath]
    labels = [Row(part, line.style) for part in cells.wrap(text, columns)]
    small, large = (cells.pad_left(line.value, width) for width in (columns, half))
    return [*labels, Row(small, line.style, large), beneath]


def _said(line: Line, language: Language) -> str:
    return line.words if isinstance(line.words, str) else render(line.words, language)


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
    top = min(page.top, last)
    at = [number for number, (index, _) in enumerate(body) if index == page.chosen]
    if not at:
        return top
    return at[-1] - room + 1 if at[-1] >= top + room else min(top, at[0])
