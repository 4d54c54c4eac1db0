"""A text in both languages of the receipts."""

from __future__ import annotations

from typing import Final

from msgspec import Struct


class Pair(Struct, frozen=True):
    """Stored in both, so that a reprint can have either or both."""

    zh: str = ""
    en: str = ""


NO_TEXT: Final = Pair()
