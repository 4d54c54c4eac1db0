"""Answers of the bench as text for a person at the shell."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from hw_sim.bench.identity import CURRENCY
from pos_terminal.core.cells import pad, width
from pos_terminal.core.money import format_amount

Show = Callable[[Any], str]


def money(amount: int, currency: str = CURRENCY) -> str:
    """Minor units with their point: ``1234`` fen are ``12.34``."""
    return format_amount(amount, currency)


def table(rows: Sequence[dict[str, Any]]) -> str:
    """Columns in the order of their first appearance, as wide as what is in them."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    if not names:
        return "(nothing)"
    lines = [names, *([_cell(row.get(name)) for name in names] for row in rows)]
    widths = [max(width(line[place]) for line in lines) for place in range(len(names))]
    return "\n".join(_row(line, widths) for line in lines)


def _row(cells: Sequence[str], widths: Sequence[int]) -> str:
    return "  ".join(
        pad(cell, cells_wide) for cell, cells_wide in zip(cells, widths, strict=True)
    ).rstrip()


def _cell(value: Any) -> str:
    if value is None:
        return "-"
    if isinstance(value, (dict, list, tuple)):
        return " ".join(_pair(one) for one in (value.items() if isinstance(value, dict) else value))
    return str(value)


def _pair(one: Any) -> str:
    return f"{one[0]}={one[1]}" if isinstance(one, tuple) else str(one)


def facts(answer: Any) -> str:
    """One ``name: value`` a line."""
    if isinstance(answer, dict):
        return "\n".join(f"{name}: {_cell(value)}" for name, value in answer.items())
    return str(answer)


def sales(answer: Sequence[dict[str, Any]]) -> str:
    shown = ("name", "amount", "receipt_no", "trace", "rrn", "sold_at", "about")
    rows = [{name: one[name] for name in shown} for one in answer]
    figures = [money(one["amount"], one["currency"]) for one in answer]
    return table([row | {"amount": figure} for row, figure in zip(rows, figures, strict=True)])


def receipts(answer: Sequence[dict[str, Any]]) -> str:
    return "\n".join(receipt(one) for one in answer)


def receipt(one: dict[str, Any]) -> str:
    """A slip between its cut edges; one that was never cut hangs open."""
    text = str(one["text"]).strip("\n")
    wide = max((width(line) for line in text.split("\n")), default=0)
    edge = "-" * max(wide, 32)
    end = f"{edge} ✂" if one["complete"] else "~" * max(wide, 32)
    return f"{edge}\n{text}\n{end}"


def without_gaps(rows: Sequence[str]) -> list[str]:
    """The rows of a screen for a long listing: a gap is one empty row, and none ends it."""
    kept = [row for above, row in zip(["", *rows], rows, strict=False) if row or above]
    while kept and not kept[-1]:
        kept.pop()
    return kept


def screen(prompt: str, rows: Sequence[str], columns: int) -> str:
    """A screen in a frame, its prompt's name on the edge."""
    top = f"┌─ {prompt} " + "─" * max(0, columns - 3 - len(prompt)) + "┐"
    body = [f"│{pad(row, columns)}│" for row in rows]
    return "\n".join([top, *body, "└" + "─" * columns + "┘"])
