"""A ledger's schema as a text that lies in the tests, and what two of them differ in."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager

from pos_terminal.services.ledger import migrations

_SCHEMA = "SELECT type, name, tbl_name, sql FROM sqlite_schema"
_TABLES = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%'"
Schema = dict[str, str]
"""By kind and name of each part: its text. The rows of a new ledger are parts, too."""


def schema_of(db: sqlite3.Connection) -> Schema:
    parts = {f"{kind} {name}": str(sql) for kind, name, _, sql in db.execute(_SCHEMA)}
    for (table,) in db.execute(_TABLES).fetchall():
        rows = sorted(map(repr, db.execute(f"SELECT * FROM {table}").fetchall()))  # noqa: S608
        parts |= {f"row of {table} {row}": row for row in rows}
    return parts


def new_schema() -> Schema:
    """As a new ledger of today has it."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as db:
        migrations.migrate(db, ":memory:")
        return schema_of(db)


def dump() -> str:
    """A new ledger of today, as SQL."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as db:
        migrations.migrate(db, ":memory:")
        made = db.execute(
            "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite%' "
            "ORDER BY type != 'table', type, name"
        ).fetchall()
        rows = [line for line in db.iterdump() if line.startswith("INSERT INTO")]
        told = [f"{sql};" for (sql,) in made] + sorted(rows)
        return "\n".join([*told, f"PRAGMA user_version = {migrations.VERSION};", ""])


@contextmanager
def loaded(text: str) -> Iterator[sqlite3.Connection]:
    """A new ledger of that time."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as db:
        db.executescript(text)
        yield db


def differences(ours: Schema, theirs: Schema) -> list[str]:
    """Names of the parts that are not the same in both."""
    return sorted(
        name for name in ours.keys() | theirs.keys() if ours.get(name) != theirs.get(name)
    )
