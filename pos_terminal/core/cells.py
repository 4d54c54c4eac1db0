"""Text in character cells: a Hanzi takes two, on the screen as on paper.

``ambiguous`` is the width of characters that are narrow beside Latin and wide beside Hanzi
(Greek, Cyrillic, ``…``, ``“``; UAX 11): 1 on our screens, 2 on a printer in Chinese mode.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import Final

_NEVER_FIRST: Final = frozenset("，。、；：！？）》」』】％")
"""Punctuation that no row begins with."""


@lru_cache(maxsize=8192)
def char_width(char: str, ambiguous: int = 1) -> int:
    """0 for combining marks and controls, 2 for wide and full-width characters, else 1."""
    if unicodedata.combining(char) or unicodedata.category(char) in ("Cc", "Cf"):
        return 0
    kind = unicodedata.east_asian_width(char)
    if kind == "A":
        return ambiguous
    return 2 if kind in ("W", "F") else 1


def width(text: str, ambiguous: int = 1) -> int:
    """How many cells the text takes."""
    if _is_plain(text):
        return len(text)
    return _wide_width(text, ambiguous)


@lru_cache(maxsize=512)
def _wide_width(text: str, ambiguous: int) -> int:
    """The texts of the screens come again and again."""
    return sum(char_width(char, ambiguous) for char in text)


def _is_plain(text: str) -> bool:
    """Whether every character takes one cell: most of what is laid out, and quick to tell."""
    return text.isascii() and text.isprintable()


def clip(text: str, columns: int, ambiguous: int = 1) -> str:
    """The longest beginning of ``text`` that fits; a Hanzi is never halved."""
    if _is_plain(text):
        return text[: max(0, columns)]
    used = 0
    for index, char in enumerate(text):
        used += char_width(char, ambiguous)
        if used > columns:
            return text[:index]
    return text


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
    """Rows of at most ``columns`` cells; Latin words stay whole where they fit on a row."""
    rows: list[str] = []
    for paragraph in text.split("\n"):
        row = ""
        for word in _pieces(paragraph, ambiguous):
            if width(row + word.rstrip(), ambiguous) <= columns:
                row += word
                continue
            if row.strip():
                rows.append(row.rstrip())
                row = ""
            *heads, row = _cut(word, columns, ambiguous)
            rows.extend(heads)
        rows.append(row.rstrip())
    return rows


def _cut(word: str, columns: int, ambiguous: int) -> list[str]:
    """A word longer than a row in row-sized parts; a shorter one whole."""
    parts = []
    while width(word, ambiguous) > columns:
        head = clip(word, columns, ambiguous) or word[0]
        parts.append(head)
        word = word[len(head) :]
    return [*parts, word]


def _pieces(text: str, ambiguous: int) -> list[str]:
    """Places where a row may break: after blanks and around every wide character."""
    pieces: list[str] = []
    current = ""
    for char in text:
        if char_width(char, ambiguous) == 2:
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
