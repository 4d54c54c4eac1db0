"""A person's badge: a code that is scanned in place of the number, never of the PIN (R86).

Its shape is that of nothing else: a prefix of our own, then sixteen letters and digits or more. So
no receipt, goods' code or card is taken for one, and wherever a code is stored or shown, one is
known as such without asking whose it is. No letter of the prefix moves on another keyboard.
"""

from __future__ import annotations

import re
from typing import Final

from pos_terminal.core.normal import normal

PREFIX: Final = "POSBDG"
LEAST: Final = 16
"""Letters and digits behind the prefix."""
MOST: Final = 40
_SHAPE: Final = re.compile(rf"{PREFIX}[0-9A-Z]{{{LEAST},{MOST}}}")
_ONE_LOST: Final = "|".join(PREFIX[:at] + PREFIX[at + 1 :] for at in range(len(PREFIX)))
_ANY: Final = re.compile(
    rf"{PREFIX}[^ ]+|(?:{_ONE_LOST})[0-9A-Z]{{{LEAST},}}",
    re.IGNORECASE,
)
"""Also of a scan that went wrong: with Shift stuck its digits are marks, two scans may have become
one, and a character of the prefix may be lost. All of it tells the code."""


class Badge:
    """The code of one, which never prints itself."""

    __slots__ = ("_code",)

    def __init__(self, code: str) -> None:
        """ValueError for another shape; ``badge_of`` asks."""
        if not _SHAPE.fullmatch(code):
            raise ValueError("not the code of a badge")
        self._code = code

    def reveal(self) -> str:
        """In capitals. For its keyed token only."""
        return self._code

    def __repr__(self) -> str:
        return "Badge(…)"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Badge) and self._code == other._code

    def __hash__(self) -> int:
        return hash(self._code)


def badge_of(text: str) -> Badge | None:
    """What was scanned or typed as a badge, or None where it has another shape. Scanners with
    CapsLock on send small letters."""
    code = normal(text).upper()
    return Badge(code) if _SHAPE.fullmatch(code) else None


def holds_badge(text: str) -> bool:
    """Whether a badge stands in it, whole or not, and among whatever else."""
    return _ANY.search(_plain(text)) is not None


def mask_badges(text: str) -> str:
    """The text with all of a badge's code but its prefix taken out, also of a part of one."""
    return _ANY.sub(f"{PREFIX}…", _plain(text)) if holds_badge(text) else text


def _plain(text: str) -> str:
    return text if text.isascii() else normal(text)
