"""The goods that applications name, and the balance of the sale's lines (R11, R14).

They go with the money: held by the seal, returned by the conclusion or by the commit of a cash
leg, free again by every ending that gave nothing back. An approval of a part (10) means that the
goods are back all the same: what is missing of the money is given back by amount. What was
approved after it had been given up stays beside the lines' balance as it stays beside the leg's:
the sale is locked.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from typing import Any, Final

from pos_terminal.core.items import Item
from pos_terminal.core.quantity import format_quantity
from pos_terminal.core.words import Failure
from pos_terminal.services.ledger.step import Step

_MOVE: Final = """UPDATE lines
    SET held = held + i.quantity * ?, returned = returned + i.quantity * ?
    FROM application_items i WHERE i.application = ?
    AND lines.sale_id = i.sale_id AND lines.line = i.line"""
_LACKING: Final = """SELECT 1 FROM application_items i JOIN lines l USING (sale_id, line)
    WHERE i.application = ? AND i.quantity > l.quantity - l.returned - l.held LIMIT 1"""


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


def check(db: sqlite3.Connection, number: int) -> None:
    """Failure ``ledger.lines`` where a line has no longer so much left."""
    if db.execute(_LACKING, (number,)).fetchone() is not None:
        raise Failure("ledger.lines")


def hold(step: Step, number: int) -> None:
    """With the seal: set aside until the outcome is known."""
    step.db.execute(_MOVE, (1, 0, number))


def release(step: Step, number: int, *, returned: bool) -> None:
    """With the outcome: held goods are returned, or free again."""
    step.db.execute(_MOVE, (-1, int(returned), number))


def give_back(step: Step, number: int) -> None:
    """With the commit of a cash leg: returned at once."""
    step.db.execute(_MOVE, (0, 1, number))


def returned_elsewhere(step: Step, sale_id: str, quantities: Mapping[int, int]) -> str | None:
    """Goods that another system took back; why they can't be, None where they were."""
    for line, quantity in quantities.items():
        try:
            changed = step.db.execute(
                "UPDATE lines SET returned = returned + ? WHERE sale_id = ? AND line = ?",
                (quantity, sale_id, line),
            ).rowcount
        except sqlite3.IntegrityError:
            return f"more goods back elsewhere than are left of sale {sale_id}, line {line}"
        if not changed:
            return f"sale {sale_id} has no line {line}"
    return None
