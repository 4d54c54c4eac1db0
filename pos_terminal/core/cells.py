"""Text in character cells: a Hanzi takes two, on the screen as on paper."""

from __future__ import annotations

import unicodedata


def char_width(char: str) -> int:
    """0 for combining marks and controls, 2 for wide and full-width characters, else 1."""
    if unicodedata.combining(char) or unicodedata.category(char) in ("Cc", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(char) in ("W", "F") else 1


def width(text: str) -> int:
    """How many cells the text takes."""
    return sum(map(char_width, text))


def clip(text: str, columns: int) -> str:
    """The longest beginning of ``text`` that fits; a Hanzi is never halved."""
    used = 0
    for index, char in enumerate(text):
        used += char_width(char)
        if used > columns:
            return text[:index]
    return text


def pad(text: str, columns: int) -> str:
    """``text`` clipped and filled with blanks on the right to exactly ``columns`` cells."""
    text = clip(text, columns)
    return text + " " * (columns - width(text))


def pad_left(text: str, columns: int) -> str:
    """As ``pad``, right-aligned."""
    text = clip(text, columns)
    return " " * (columns - width(text)) + text


def centre(text: str, columns: int) -> str:
    """``text`` in the middle of ``columns`` cells."""
    text = clip(text, columns)
    left = (columns - width(text)) // 2
    return pad(" " * left + text, columns)


def both_ends(left: str, right: str, columns: int) -> str:
    """``left`` and ``right`` at the two ends of one row; ``left`` gives way."""
    right = clip(right, columns)
    room = columns - width(right)
    return pad(clip(left, max(0, room - 1)), room) + right


def wrap(text: str, columns: int) -> list[str]:
    """Rows of at most ``columns`` cells; Latin words stay whole where they fit on a row."""
    rows: list[str] = []
    for paragraph in text.split("\n"):
        row = ""
        for word in _pieces(paragraph):
            if width(row + word.rstrip()) <= columns:
                row += word
                continue
            if row.strip():
                rows.append(row.rstrip())
                row = ""
            *heads, row = _cut(word, columns)
            rows.extend(heads)
        rows.append(row.rstrip())
    return rows


def _cut(word: str, columns: int) -> list[str]:
    """A word longer than a row in row-sized parts; a shorter one whole."""
    parts = []
    while width(word) > columns:
        head = clip(word, columns) or word[0]
        parts.append(head)
        word = word[len(head) :]
    return [*parts, word]


def _pieces(text: str) -> list[str]:
    """Places where a row may break: after blanks and around every wide character."""
    pieces: list[str] = []
    current = ""
    for char in text:
        if char_width(char) == 2:
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
