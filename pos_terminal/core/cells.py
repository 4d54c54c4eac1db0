"""Text in character cells: a Hanzi takes two, on the screen as on paper.

What takes no cell is dropped before anything is measured (``seen``): a driver that drew it, or put
something visible in its place, would push an amount over the edge of its row.

``ambiguous`` is the width of characters that are narrow beside Latin and wide beside Hanzi
(Greek, Cyrillic, ``…``, ``“``; UAX 11): 1 on our screens, 2 on a printer in Chinese mode.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import Final

WIDE: Final = 2
_NEVER_FIRST: Final = frozenset("，。、；：！？）》」』】％")
"""Punctuation that no row begins with."""


_OF_A_FIGURE: Final = "0123456789.¥￥-"
"""A word that must be broken is not broken within an amount."""

_INVISIBLE: Final = ("Cc", "Cf", "Mn", "Me")
"""Controls, zero-width characters and bidi marks; marks that stand over another character."""
_JAMO: Final = range(0x1160, 0x1200)
"""Vowels and finals of Korean, drawn into the character before them."""
_SURE: Final = ("W", "F", "Na", "H")
_PLANE: Final = 0xFFFF
_SPACES: Final = ("Zs", "Zl", "Zp")
TIE: Final = "\u00a0"
"""A blank at which no row breaks."""
ELLIPSIS: Final = "…"
UNKNOWN: Final = "?"
"""For what no font has: unassigned, private, half of a surrogate pair."""


def seen(text: str) -> str:
    """``text`` without what takes no cell. Every character of it takes one or two.

    Accents are joined to their letters first (NFC). A tab, a line break or another space is a
    blank. Nothing in the result is a control character, so none of it steers a terminal.
    """
    return text if _is_plain(text) else _seen(text)


@lru_cache(maxsize=512)
def _seen(text: str) -> str:
    return "".join(map(_seen_char, unicodedata.normalize("NFC", text)))


@lru_cache(maxsize=8192)
def _seen_char(char: str) -> str:
    category = unicodedata.category(char)
    if char.isspace() or category in _SPACES:
        return "  " if _cells(char) == WIDE else " "
    if _takes_no_cell(char, category):
        return ""
    return UNKNOWN if category in ("Cn", "Co", "Cs") else char


def _takes_no_cell(char: str, category: str) -> bool:
    return category in _INVISIBLE or bool(unicodedata.combining(char)) or ord(char) in _JAMO


@lru_cache(maxsize=8192)
def char_width(char: str, ambiguous: int = 1) -> int:
    """0 for what ``seen`` drops, 2 for wide and full-width characters, else 1."""
    if _takes_no_cell(char, unicodedata.category(char)):
        return 0
    return _cells(char, ambiguous)


def _cells(char: str, ambiguous: int = 1) -> int:
    kind = unicodedata.east_asian_width(char)
    if kind == "A":
        return ambiguous
    return WIDE if kind in ("W", "F") else 1


@lru_cache(maxsize=512)
def has_sure_width(text: str) -> bool:
    """Whether every terminal gives these characters the cells that we give them: not so the
    ambiguous and the neutral ones of Unicode (UAX 11), nor pictures beyond the first plane."""
    return all(
        char.isascii() or (unicodedata.east_asian_width(char) in _SURE and ord(char) <= _PLANE)
        for char in text
    )


def width(text: str, ambiguous: int = 1) -> int:
    """How many cells the text takes, as it is ``seen``."""
    if _is_plain(text):
        return len(text)
    return _wide_width(text, ambiguous)


@lru_cache(maxsize=512)
def _wide_width(text: str, ambiguous: int) -> int:
    """The texts of the screens come again and again."""
    return sum(char_width(char, ambiguous) for char in seen(text))


def _is_plain(text: str) -> bool:
    """Whether every character takes one cell: most of what is laid out, and quick to tell."""
    return text.isascii() and text.isprintable()


def clip(text: str, columns: int, ambiguous: int = 1) -> str:
    """The longest beginning of ``text`` that fits, as it is ``seen``; a Hanzi is never halved."""
    if _is_plain(text):
        return text[: max(0, columns)]
    text = seen(text)
    used = 0
    for index, char in enumerate(text):
        used += char_width(char, ambiguous)
        if used > columns:
            return text[:index]
    return text


def clip_left(text: str, columns: int, ambiguous: int = 1) -> str:
    """The end of ``text`` that fits, ``…`` before it where something is left out."""
    if width(text, ambiguous) <= columns:
        return seen(text)
    backwards = clip(seen(text)[::-1], columns - char_width(ELLIPSIS, ambiguous), ambiguous)
    return ELLIPSIS + backwards[::-1]


def pad(text: str, columns: int, ambiguous: int = 1) -> str:
    """``text`` clipped and filled with blanks on the right to exactly ``columns`` cells."""
    text = clip(text, columns, ambiguous)
    return text + " " * (columns - width(text, ambiguous))


def pad_left(text: str, columns: int, ambiguous: int = 1) -> str:
    """As ``pad``, right-aligned."""
    text = clip(text, columns, ambiguous)
    return " " * (columns - width(text, ambiguous)) + text


def centre(text: str, columns: int, ambiguous: int = 1) -> str:
    """``text`` in the middle of ``columns`` cells."""
    text = clip(text, columns, ambiguous)
    left = (columns - width(text, ambiguous)) // 2
    return pad(" " * left + text, columns, ambiguous)


def both_ends(left: str, right: str, columns: int, ambiguous: int = 1) -> str:
    """``left`` and ``right`` at the two ends of one row; ``left`` gives way."""
    right = clip(right, columns, ambiguous)
    room = columns - width(right, ambiguous)
    return pad(clip(left, max(0, room - 1), ambiguous), room, ambiguous) + right


def wrap(text: str, columns: int, ambiguous: int = 1) -> list[str]:
    """Rows of at most ``columns`` cells; Latin words stay whole where they fit on a row, and so
    does what a no-break space ties."""
    rows: list[str] = []
    for paragraph in text.split("\n"):
        row = ""
        for word in _pieces(TIE.join(map(seen, paragraph.split(TIE))), ambiguous):
            if width(row + word.rstrip(), ambiguous) <= columns:
                row += word
                continue
            if row.strip():
                rows.append(seen(row).rstrip())
                row = ""
            *heads, row = _cut(word, columns, ambiguous)
            rows.extend(heads)
        rows.append(seen(row).rstrip())
    return rows


def _cut(word: str, columns: int, ambiguous: int) -> list[str]:
    """A word longer than a row in row-sized parts; a shorter one whole."""
    parts = []
    while width(word, ambiguous) > columns:
        head = _whole_figures(clip(word, columns, ambiguous), word) or word[0]
        parts.append(head)
        word = word[len(head) :]
    return [*parts, word]


def _whole_figures(head: str, word: str) -> str:
    """``head`` without the beginning of a figure that goes on behind it, unless it is all one."""
    if word[len(head) :][:1] not in _OF_A_FIGURE:
        return head
    short = head.rstrip(_OF_A_FIGURE)
    return short or head


def _pieces(text: str, ambiguous: int) -> list[str]:
    """Places where a row may break: after blanks and around every wide character."""
    pieces: list[str] = []
    current = ""
    for char in text:
        if char == TIE and not current and pieces:
            current = pieces.pop() + char
        elif char_width(char, ambiguous) == 2:
            if char in _NEVER_FIRST and (current or pieces):
                pieces.append((current or pieces.pop()) + char)
                current = ""
                continue
            if current:
                pieces.append(current)
                current = ""
            pieces.append(char)
        else:
            current += char
            if char == " ":
                pieces.append(current)
                current = ""
    if current:
        pieces.append(current)
    return pieces
