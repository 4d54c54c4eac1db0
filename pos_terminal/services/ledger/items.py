"""The goods that applications name; their balance is the sales' (R11, R14)."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Any

from pos_terminal.core.items import Item
from pos_terminal.core.quantity import format_quantity
from pos_terminal.services.ledger.step import Step


def store(step: Step, number: int, sale_id: str, items: Sequence[Item]) -> None:
    """What the application names, with its row."""
    step.db.executemany(
        """INSERT INTO application_items (application, sale_id, line, quantity, amount)
        VALUES (?, ?, ?, ?, ?)""",
        ((number, sale_id, item.line, item.quantity, item.amount) for item in items),
    )


def load(db: sqlite3.Connection, number: int) -> tuple[Item, ...]:
    """In the order of the sale."""
    found = db.execute(
        "SELECT line, quantity, amount FROM application_items WHERE application = ? ORDER BY line",
        (number,),
    )
    return tuple(Item(*row) for row in found)


def fact(items: Sequence[Item]) -> str:
    """As the audit log has them: ``line:thousandths:minor units`` for each, by line."""
    ordered = sorted(items, key=lambda item: item.line)
    return " ".join(f"{item.line}:{item.quantity}:{item.amount}" for item in ordered)


def readable(row: dict[str, Any]) -> dict[str, Any]:
    """A row of a list with its quantities as decimal numbers."""
    quantities = {"quantity", "returned", "held"} & row.keys()
    return row | {name: format_quantity(row[name]) for name in quantities}
