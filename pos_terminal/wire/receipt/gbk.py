"""Text as a Chinese printer can print it: ASCII takes one column, everything else in GBK two."""

from __future__ import annotations

import unicodedata
from typing import Final

from pos_terminal.core import cells
from pos_terminal.wire.receipt.figures import YUAN

WIDE: Final = 2
"""Columns of a character that Unicode calls ambiguous; a printer in Chinese mode has no other."""
NARROW_SUBSTITUTE: Final = "?"
WIDE_SUBSTITUTE: Final = "〓"
"""Shown for what GBK lacks (the geta mark, as printers have it for a missing glyph)."""
IDEOGRAPHIC_SPACE: Final = "\u3000"


def printable(text: str) -> str:
    """``text`` with everything that can't be printed replaced: nothing in it is a command.

    Accented Latin letters lose their accent (in GBK some have two columns, most are missing);
    controls become blanks, except the line feed; the rest that GBK lacks becomes a substitute.
    """
    return "".join(map(_printable, unicodedata.normalize("NFC", text)))


def _printable(char: str) -> str:
    if char == "\n" or " " <= char <= "~":
        return char
    if char == "¥":
        return YUAN
    category = unicodedata.category(char)
    if category in ("Cf", "Cs", "Mn", "Me"):
        return ""
    if category[0] in "CZ":
        return char if char == IDEOGRAPHIC_SPACE else " "
    return _printed(char, cells.char_width(char) == WIDE)


def _printed(char: str, wide: bool) -> str:
    """A visible character beyond ASCII, or what stands for it."""
    base = unicodedata.normalize("NFKD", char)[0]
    if not wide and base.isascii() and base.isalpha():
        return base
    if _in_gbk(char):
        return char
    return WIDE_SUBSTITUTE if wide else NARROW_SUBSTITUTE


def _in_gbk(char: str) -> bool:
    try:
        char.encode("gbk")
    except UnicodeEncodeError:
        return False
    return True


def encode(text: str) -> bytes:
    """The bytes of ``printable`` text in Chinese mode: ASCII, and GBK pairs 81–FE, 40–FE."""
    return text.encode("gbk")


def width(text: str) -> int:
    """Columns on paper at single width."""
    return cells.width(text, WIDE)
