"""A slip's rows as lines of text, for who reads it on no paper; a barcode stays what it is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pos_terminal.core.cells import width
from pos_terminal.wire.receipt.paper import Align, Barcode, Feed, Row, Text


def as_text(rows: Iterable[Row], columns: int) -> Iterator[str | Barcode]:
    """Letters of double width stand as plain ones, so such a line is centred or set right anew."""
    for row in rows:
        match row:
            case Text():
                yield _line(row, columns)
            case Barcode():
                yield row
            case Feed():
                yield from [""] * row.rows
            case _:
                continue


def _line(row: Text, columns: int) -> str:
    text = row.text.strip() if row.align is not Align.LEFT else row.text
    free = columns - width(text)
    if row.align is Align.RIGHT:
        return " " * free + text
    return (" " * (free // 2) + text if row.align is Align.CENTRE else text).rstrip()
