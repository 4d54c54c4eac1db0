"""The parts that slips are put together from: marks, head, facts, amount, texts, signature."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from msgspec import Struct

from pos_terminal.core import cells
from pos_terminal.wire.receipt.figures import money
from pos_terminal.wire.receipt.gbk import WIDE, printable, width
from pos_terminal.wire.receipt.pair import Pair
from pos_terminal.wire.receipt.paper import Align, Barcode, Feed, Gap, Row, Text
from pos_terminal.wire.receipt.wording import Wording

BARCODE_DIGITS: Final = 14
"""The most that 58 mm paper has room for in set B."""
WRITING_AIR: Final = 24
"""Dots above a row that is written on."""
WRITING_ROOM: Final = 12
"""The fewest columns that somebody can write in."""
SIGNATURE_ROWS: Final = 2
"""Room to write in."""


class Blocks(Struct, frozen=True):
    """Makes rows for one paper width, in the receipt's languages."""

    wording: Wording
    columns: int

    # --- rows ----------------------------------------------------------------------------------

    def centred(
        self, text: str, *, bold: bool = False, inverse: bool = False, size: int = 1, tall: int = 0
    ) -> Iterator[Row]:
        """``text`` in the middle, on as many rows as it needs; ``size`` times as wide and tall."""
        room = self.columns // size
        for row in cells.wrap(printable(text), room, WIDE):
            # as much black on both sides: an odd blank would be on one alone
            side = " " * ((room - width(row)) // 2) if inverse else ""
            band = f"{side}{row}{side}"
            yield Text(band, Align.CENTRE, bold, inverse, size, tall or size)

    def plain(self, text: str, indent: int = 0) -> Iterator[Row]:
        """A text on the left, broken where it must be."""
        for row in cells.wrap(printable(text), self.columns - indent, WIDE):
            yield Text(" " * indent + row)

    def rule(self, char: str = "-") -> Row:
        return Text(char * self.columns)

    def fact(self, label: str, value: str, *, bold: bool = False) -> Iterator[Row]:
        """A label and its value at the two ends of a row; a long value goes beneath."""
        label, value = printable(label), printable(value)
        if not value:
            return
        if width(label) + 1 + width(value) <= self.columns:
            yield Text(cells.both_ends(label, value, self.columns, WIDE), bold=bold)
            return
        for row in cells.wrap(label, self.columns, WIDE):
            yield Text(row, bold=bold)
        rows = cells.wrap(value, self.columns - 2, WIDE)
        for row in rows:
            beneath = cells.pad_left(row, self.columns, WIDE) if len(rows) == 1 else f"  {row}"
            yield Text(beneath, bold=bold)

    def entry(self, text: str, value: str) -> Iterator[Row]:
        """A text on as many rows as it needs, its value at the right end of the last."""
        *rows, last = cells.wrap(printable(text), self.columns, WIDE)
        value = printable(value)
        yield from map(Text, rows)
        if width(last) + 1 + width(value) <= self.columns:
            yield Text(cells.both_ends(last, value, self.columns, WIDE))
        else:
            yield Text(last)
            yield Text(cells.pad_left(value, self.columns, WIDE))

    def facts(self, *pairs: tuple[str, str]) -> Iterator[Row]:
        """Facts by the names of their labels; those without a value are left out."""
        for name, value in pairs:
            yield from self.fact(self.wording.label(name), value)

    def said(self, name: str, texts: Iterable[str]) -> Iterator[Row]:
        """A heading, and under it a text in each language; nothing where there is no text."""
        texts = [text for text in texts if text]
        if not texts:
            return
        yield self.heading(name)
        for text in texts:
            yield from self.plain(text, indent=2)

    def told(self, name: str, pair: Pair) -> Iterator[Row]:
        """The same for a text that came with the slip in both languages."""
        yield from self.said(name, self.wording.pick(pair))

    def ruled(self, facts: Iterable[Row], heading: str = "") -> Iterator[Row]:
        """Facts under a rule, perhaps with a heading; nothing where there are none."""
        rows = tuple(facts)
        if not rows:
            return
        yield self.rule()
        if heading:
            yield self.heading(heading)
        yield from rows

    # --- blocks --------------------------------------------------------------------------------

    def mark(self, name: str, **values: int) -> Iterator[Row]:
        """A band across the paper that nobody overlooks."""
        for text in self.wording.each(name, **values):
            yield from self.centred(text, bold=True, inverse=True, tall=2)

    def title(self, name: str, alarm: bool) -> Iterator[Row]:
        """What this slip is, twice as large; the second language beneath in plain size."""
        first, *rest = self.wording.each(name)
        yield from self.centred(first, bold=True, size=2, inverse=alarm)
        for text in rest:
            yield from self.centred(text, bold=True)

    def notes(self, name: str, **values: int) -> Iterator[Row]:
        for text in self.wording.each(name, **values):
            yield from self.centred(text)

    def heading(self, name: str) -> Row:
        return Text(printable(self.wording.label(name)), bold=True)

    def amount(self, name: str, amount: int, currency: str) -> Iterator[Row]:
        """The amount at the right, twice as large where it fits."""
        yield self.heading(name)
        figure = printable(money(amount, currency))
        wide = 2 if 2 * width(figure) <= self.columns else 1
        for row in cells.wrap(figure, self.columns, WIDE):
            yield Text(row, Align.RIGHT, bold=True, wide=wide, tall=2)

    def signature(self, name: str, whose: str) -> Iterator[Row]:
        """``name`` is the text of what is signed, ``whose`` whom it is signed by."""
        for text in self.wording.each(name):
            yield from self.plain(text)
        yield from self.plain(self.wording.label(f"{whose}_signature") + ":")
        yield Feed(SIGNATURE_ROWS)
        yield self.rule("_")

    def blanks(self, *names: str) -> Iterator[Row]:
        """Labels with room to write beside each."""
        for name in names:
            label = printable(self.wording.label(name)) + ":"
            room = self.columns - width(label)
            yield Gap(WRITING_AIR)
            if room >= WRITING_ROOM:
                yield Text(label + "_" * room)
            else:
                yield Text(label)
                yield Gap(WRITING_AIR)
                yield self.rule("_")

    def barcode(self, digits: str) -> Iterator[Row]:
        """Our receipt code; anything else leaves the slip without one, rather than no slip."""
        if digits.isascii() and digits.isdigit() and len(digits) <= BARCODE_DIGITS:
            yield Feed(1)
            yield Barcode(digits)
