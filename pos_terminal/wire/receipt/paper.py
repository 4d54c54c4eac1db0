"""A slip as rows of paper, before it is bytes."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Align(StrEnum):
    LEFT = "left"
    CENTRE = "center"
    RIGHT = "right"


@dataclass(frozen=True, slots=True)
class Text:
    """One row of text, already printable and no wider than the paper."""

    text: str
    align: Align = Align.LEFT
    bold: bool = False
    inverse: bool = False
    """White on black."""
    wide: int = 1
    """Times the width of a column, 1 to 8."""
    tall: int = 1


@dataclass(frozen=True, slots=True)
class Barcode:
    """CODE128 with its digits beneath, centred."""

    digits: str


@dataclass(frozen=True, slots=True)
class Feed:
    """Blank rows."""

    rows: int


@dataclass(frozen=True, slots=True)
class Gap:
    """A little air, in dots of 1/8 mm."""

    dots: int


@dataclass(frozen=True, slots=True)
class Cut:
    """Feed past the cutter and cut: the end of a slip."""


Row = Text | Barcode | Feed | Gap | Cut
