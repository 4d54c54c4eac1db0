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


class Frame(Struct, frozen=True):
    """A whole screen. Every row's text is at most ``columns`` cells wide."""

    columns: int
    rows: tuple[Row, ...]
    prompt: str


class Display(Protocol):
    columns: int
    rows: int

    def show(self, frame: Frame) -> None:
        """Returns at once; frames that come faster than the panel are coalesced."""

    def beep(self) -> None: ...
