"""A receipt as text: what a person reads on it, row by row."""

from __future__ import annotations

from hw_sim.printer.roll import LINE_DOTS, Bars, Blank, Item, Line, Qr, Receipt, Run
from hw_sim.printer.typesetter import COLUMN
from pos_terminal.core import cells

WIDE = 2
"""Columns of a character that isn't ASCII, in the text of a code."""


def as_text(receipt: Receipt) -> str:
    """Rows joined by line feeds; large letters take the room of small ones.

    Where a host put things to dots of their own, each stands in the column of its dot.
    """
    rows: list[str] = []
    for item in receipt.items:
        rows += _rows(item, receipt.columns)
    return "\n".join(rows).strip("\n") + "\n"


def _rows(item: Item, columns: int) -> list[str]:
    if isinstance(item, Line):
        return [_on_dots(item) if item.placed else _row(item, columns)]
    if isinstance(item, Blank):
        return [""] * round(item.dots / LINE_DOTS)
    if isinstance(item, Bars):
        text = f"[{item.symbology} {item.text}]"
    elif isinstance(item, Qr):
        text = f"[QR {item.text}]"
    else:
        text = f"[picture {item.width} x {item.height}]"
    return [_placed(text, cells.width(text, WIDE), item.align, columns)]


def _row(line: Line, columns: int) -> str:
    text, wide = "", 0
    for part in line.runs:
        shown = part.text if isinstance(part, Run) else f"[picture {part.width} x {part.height}]"
        text += shown
        wide += part.columns if isinstance(part, Run) else len(shown)
    return _placed(text, wide, line.align, columns)


def _placed(text: str, wide: int, align: str, columns: int) -> str:
    room = max(0, columns - wide)
    if align == "left":
        return text.rstrip()
    return (" " * (room // 2 if align == "center" else room) + text).rstrip()


def _on_dots(line: Line) -> str:
    """A column of text to twelve dots; what overprints a character stands in its place."""
    grid: dict[int, str] = {}
    for part in line.runs:
        if not isinstance(part, Run):
            continue
        for number, char in enumerate(part.text):
            column = (line.at + part.at + number * (part.char + part.gap)) // COLUMN
            if char != " ":
                grid[column] = char
                if part.double:
                    grid[column + 1] = ""
    last = max(grid, default=-1)
    return "".join(grid.get(column, " ") for column in range(last + 1)).rstrip()
