"""What is wrong with a line: a code for programs, told to people by a text of that name."""

from __future__ import annotations

import re
from typing import Final

from pos_terminal.core.pan import mask_card_numbers
from pos_terminal.core.words import Value, Words, say

_MOST: Final = 200
"""Characters of a value that a reason repeats."""
_LONG: Final = re.compile(r"\d{13,}")


class BadLine(ValueError):
    """A line can't be taken. Its words never repeat what may be a card number."""

    def __init__(self, code: str, /, **values: Value) -> None:
        cleaned = {name: clean(value) for name, value in values.items()}
        super().__init__(" ".join([code, *(f"{name}={v}" for name, v in cleaned.items())]))
        self.code = code
        self.also: tuple[BadLine, ...] = ()
        """What is wrong with the line besides."""
        self.words: Words = say(f"record.{code}", **cleaned)


def clean(value: Value) -> Value:
    """What a reason may repeat of it: no card number, no end of line, not without end."""
    if isinstance(value, int):
        return value if abs(value) < 10**12 else "…"
    text = _LONG.sub("…", mask_card_numbers(value))
    text = "".join(char if char.isprintable() else "·" for char in text)
    return text if len(text) <= _MOST else f"{text[:_MOST]}…"
