"""The screen in character cells."""

from __future__ import annotations

from enum import StrEnum
from typing import Protocol

from msgspec import Struct


class Style(StrEnum):
    PLAIN = "plain"
    TITLE = "title"
    CHOSEN = "chosen"
    ALERT = "alert"


class Row(Struct, frozen=True):
    text: str
    style: Style = Style.PLAIN
    large: str = ""
    """The same for half the columns, where it may stand two rows high and two cells wide. It
    then covers the row beneath, which is blank. A display that can't draws ``text``. Of a text on
    two large rows the first has all of ``text``, the second none."""


class Frame(Struct, frozen=True):
    """A whole screen. Every row's text is at most ``columns`` cells wide."""

    columns: int
    rows: tuple[Row, ...]
    prompt: str

    def texts(self) -> list[str]:
        """What the rows say, without those that a large text covers."""
        above = (Row(""), *self.rows)
        return [
            row.text.rstrip()
            for over, row in zip(above, self.rows, strict=False)
            if not over.large and (row.text or not row.large)
        ]


class Display(Protocol):
    columns: int
    rows: int

    def show(self, frame: Frame) -> None:
        """Returns at once; frames that come faster than the panel are coalesced."""

    def beep(self) -> None: ...
