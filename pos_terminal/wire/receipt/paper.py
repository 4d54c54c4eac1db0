"""A slip as rows of paper, before it is bytes."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct


class Align(StrEnum):
    LEFT = "left"
    CENTRE = "center"
    RIGHT = "right"


class Text(Struct, frozen=True):
    """One row of text, already printable and no wider than the paper."""

    text: str
    align: Align = Align.LEFT
    bold: bool = False
    inverse: bool = False
    """White on black."""
    wide: int = 1
    """Times the width of a column, 1 to 8."""
    tall: int = 1


class Barcode(Struct, frozen=True):
    """CODE128 with its digits beneath, centred."""

    digits: str


class Feed(Struct, frozen=True):
    """Blank rows."""

    rows: int


class Gap(Struct, frozen=True):
    """A little air, in dots of 1/8 mm."""

    dots: int


class Cut(Struct, frozen=True):
    """Feed past the cutter and cut: the end of a slip."""


Row = Text | Barcode | Feed | Gap | Cut
