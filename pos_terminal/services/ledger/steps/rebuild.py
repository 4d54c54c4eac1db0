"""A table made anew with its rows in it.

``ALTER TABLE … ADD COLUMN`` leaves another text in ``sqlite_schema`` than the ``CREATE TABLE`` of a
new ledger, and ``verify`` compares texts; most other changes it can't make at all. sqlite-utils'
``transform`` loses CHECKs, generated columns and named constraints.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final

_SAME: Final[Mapping[str, str]] = MappingProxyType({})
_HIDDEN: Final = 1
"""``PRAGMA table_xinfo``, ``hidden``: 0 is a column that is stored, above it generated ones."""


def rebuild(
    db: sqlite3.Connection, table: str, script: str, values: Mapping[str, str] = _SAME
) -> None:
    """``script`` makes the table as it is now, its indexes and its triggers; its rows stay.

    ``values`` are SQL of the old row, for columns that are new or said otherwise. A column that is
    in neither gets its default; one that the new table lacks is gone. Numbers of rows are never
    handed out twice, as before. Needs ``PRAGMA legacy_alter_table`` on and foreign keys off, or
    what refers to the table would follow the old one.
    """
    old = f"{table}_before"
    numbered = _last_number(db, table)
    for kind, name in db.execute(
        "SELECT type, name FROM sqlite_schema WHERE tbl_name = ? AND sql IS NOT NULL "
        "AND type IN ('index', 'trigger')",
        (table,),
    ).fetchall():
        db.execute(f"DROP {kind} {name}")
    db.execute(f"ALTER TABLE {table} RENAME TO {old}")
    for statement in statements(script):
        if not _is_trigger(statement):
            db.execute(statement)
    kept = [name for name in _stored(db, table) if name in {*_stored(db, old), *values}]
    columns = ", ".join(kept)
    given = ", ".join(values.get(name, name) for name in kept)
    db.execute(f"INSERT INTO {table} ({columns}) SELECT {given} FROM {old}")
    db.execute(f"DROP TABLE {old}")
    for statement in statements(script):
        if _is_trigger(statement):
            db.execute(statement)
    db.execute("DELETE FROM sqlite_sequence WHERE name = ?", (table,))
    if numbered is not None:
        db.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)", (table, numbered))


def statements(script: str) -> Iterator[str]:
    """The script's statements one by one: ``executescript`` would commit between them."""
    current = ""
    for line in script.splitlines():
        current += line + "\n"
        if sqlite3.complete_statement(current):
            yield current.strip()
            current = ""


def _is_trigger(statement: str) -> bool:
    return statement.upper().startswith("CREATE TRIGGER")


def _stored(db: sqlite3.Connection, table: str) -> list[str]:
    rows = db.execute(f"PRAGMA table_xinfo({table})").fetchall()
    return [row[1] for row in rows if row[6] < _HIDDEN]


def _last_number(db: sqlite3.Connection, table: str) -> int | None:
    """The last that AUTOINCREMENT gave; None where the table has none, or none was given."""
    row = db.execute("SELECT seq FROM sqlite_sequence WHERE name = ?", (table,)).fetchone()
    return None if row is None else int(row[0])
