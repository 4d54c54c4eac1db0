"""A receipt as text: what a person reads on it, row by row."""

from __future__ import annotations

from hw_sim.printer.roll import LINE_DOTS, Bars, Blank, Item, Line, Qr, Receipt
from pos_terminal.core import cells

WIDE = 2
"""Columns of a character that isn't ASCII, as printed in Chinese mode."""


def as_text(receipt: Receipt) -> str:
    """Rows joined by line feeds; large letters take the room of small ones."""
    rows: list[str] = []
    for item in receipt.items:
        rows += _rows(item, receipt.columns)
    return "\n".join(rows).strip("\n") + "\n"


def _rows(item: Item, columns: int) -> list[str]:
    if isinstance(item, Line):
        return [_placed("".join(run.text for run in item.runs), item.align, columns)]
    if isinstance(item, Blank):
        return [""] * round(item.dots / LINE_DOTS)
    if isinstance(item, Bars):
        return [_placed(f"[{item.symbology} {item.text}]", item.align, columns)]
    if isinstance(item, Qr):
        return [_placed(f"[QR {item.text}]", item.align, columns)]
    return [_placed(f"[picture {item.width} x {item.height}]", item.align, columns)]


def _placed(text: str, align: str, columns: int) -> str:
    room = max(0, columns - cells.width(text, WIDE))
    if align == "left":
        return text.rstrip()
    return (" " * (room // 2 if align == "center" else room) + text).rstrip()
