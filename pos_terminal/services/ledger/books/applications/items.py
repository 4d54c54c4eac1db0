"""The goods that an application names, and what was found of them (R14, R16, R74)."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from typing import Final

import msgspec

from pos_terminal.core.digest import digest
from pos_terminal.core.items import Item
from pos_terminal.core.looked import Deducted, Disposition, Looked, Sort
from pos_terminal.services.ledger.step import Step

ITEM: Final = """i.line, i.quantity, i.amount, i.worth, i.reason, i.condition, i.disposition,
    i.deduction, i.deducted_for, i.serials, i.sorts"""
"""SQL: the columns of ``item_of``, of a row ``i``."""
_OF: Final = f"SELECT {ITEM} FROM application_items i WHERE application = ? ORDER BY line"
_STORE: Final = """INSERT INTO application_items (application, sale_key, line, quantity, amount,
    worth, reason, condition, disposition, deduction, deducted_for, serials, sorts)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"""


def of(db: sqlite3.Connection, application: int) -> tuple[Item, ...]:
    """By their lines."""
    return tuple(map(item_of, db.execute(_OF, (application,))))


def item_of(row: sqlite3.Row) -> Item:
    return Item(row["line"], row["quantity"], row["amount"], row["worth"], _looked_of(row))


def _looked_of(row: sqlite3.Row) -> Looked | None:
    where = row["disposition"]
    if where is None and row["reason"] == "":
        return None
    return Looked(
        reason=row["reason"],
        condition=row["condition"],
        disposition=None if where is None else Disposition(where),
        deduction=row["deduction"],
        deducted_for=Deducted(row["deducted_for"]) if row["deducted_for"] else None,
        serials=tuple(json.loads(row["serials"])),
        sorts=msgspec.json.decode(row["sorts"], type=tuple[Sort, ...]),
    )


def store(step: Step, number: int, sale_key: int | None, items: Sequence[Item]) -> None:
    step.db.executemany(
        _STORE,
        (
            (
                *(number, sale_key, one.line, one.quantity, one.amount, one.worth),
                *_columns(one.looked),
            )
            for one in items
        ),
    )


def _columns(looked: Looked | None) -> tuple[object, ...]:
    if looked is None:
        return "", "", None, 0, None, "[]", "[]"
    serials = json.dumps(looked.serials, ensure_ascii=False)
    return (
        *(looked.reason, looked.condition, looked.disposition),
        *(looked.deduction, looked.deducted_for, serials),
        msgspec.json.encode(looked.sorts).decode(),
    )


def as_fact(items: Sequence[Item]) -> str:
    """As the audit log has them: ``line:thousandths:amount:worth`` for each, by line."""
    ordered = sorted(items, key=lambda item: item.line)
    return " ".join(f"{item.line}:{item.quantity}:{item.amount}:{item.worth}" for item in ordered)


def looked_fact(items: Sequence[Item]) -> str:
    """A digest of what was found of them; empty where they are from before anybody looked."""
    found = {str(one.line): one.looked for one in items if one.looked is not None}
    return digest(found) if found else ""
