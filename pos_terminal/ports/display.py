"""The screen in character cells."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class Style(StrEnum):
    PLAIN = "plain"
    TITLE = "title"
    CHOSEN = "chosen"
    ALERT = "alert"


@dataclass(frozen=True, slots=True)
class Row:
    text: str
    style: Style = Style.PLAIN


@dataclass(frozen=True, slots=True)
class Frame:
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
