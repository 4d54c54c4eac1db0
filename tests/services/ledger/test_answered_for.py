"""Every column of every table, changed behind the ledger's back: ``verify`` misses it (R55).

The tables are read from the schema, so that a new column is asked for as soon as it is there.
"""

# ruff: noqa: S608 - SQL of our own

from __future__ import annotations

import contextlib
import json
import re
import sqlite3
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from worlds.all_tables import fill
from worlds.ledger import World

from pos_terminal.core.words import Failure
from pos_terminal.services.ledger.books import shelf
from pos_terminal.services.proof.verify import verify, verify_store

NOT_ANSWERED_FOR = {
    "messages.secret": "sealed: a changed one can't be opened, and then nothing is sent",
    "key_slots.slot": "of the ring's slots that no request lies under",
    "key_slots.state": "of those, which is overwritten before it is used again",
}
"""As ``docs/security.md`` has it."""
SECURITY = Path(__file__).parents[3] / "docs" / "security.md"
ROWS = 2
"""Of each column that are changed, from all over its table."""


def tables() -> dict[str, list[str]]:
    """All of them with their columns, as a new ledger has them."""
    with contextlib.closing(sqlite3.connect(":memory:")) as db:
        db.executescript(shelf.tables())
        found = db.execute("""SELECT name FROM sqlite_schema
            WHERE type = 'table' AND name NOT LIKE 'sqlite%'""")
        names = [row[0] for row in found]
        return {name: [row[1] for row in _columns(db, name)] for name in names}


def _columns(db: sqlite3.Connection, table: str) -> list[Any]:
    return db.execute(f"PRAGMA table_info({table})").fetchall()


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    world = World(tmp_path_factory.mktemp("full"), slots=16)
    fill(world)
    verify_store(world.store)
    world.store.close()
    yield world
    world.vault.close()


@pytest.fixture
def behind(full: World) -> Iterator[sqlite3.Connection]:
    """Somebody who knows SQLite, keeps to the schema's own rules, and has no key."""
    db = sqlite3.connect(full.path, isolation_level=None)
    db.execute("PRAGMA foreign_keys = ON")
    db.execute("PRAGMA synchronous = OFF")
    yield db
    db.close()
    verify(full.path, full.audit_key)


def others(value: Any, column: Sequence[Any]) -> Iterator[Any]:
    """Other values that the same column might have: another row's, or one close to it."""
    yield from column
    if isinstance(value, int):
        yield from (value + 1, value - 1, 1 - value)
    elif isinstance(value, bytes):
        yield value[:-1] + bytes([value[-1] ^ 1])
    elif isinstance(value, str):
        with contextlib.suppress(ValueError):
            yield (datetime.fromisoformat(value) + timedelta(days=1)).isoformat()[: len(value)]
        if value[:1] in ("[", "{"):
            yield json.dumps([*json.loads(value), "x"] if value[0] == "[" else {"x": 1})
        yield re.sub(r"[0-9a-z](?!.*[0-9a-z])", lambda last: "2" if last[0] == "1" else "1", value)
        yield value + "x"
    else:
        yield from (1, "x", "2026-01-05T10:00:00+08:00", "{}")
    yield None


def might_be(db: sqlite3.Connection, table: str, column: str) -> list[Any]:
    """What other rows have, and the names that it may be."""
    found = [row[0] for row in db.execute(f"SELECT DISTINCT {column} FROM {table} LIMIT 20")]
    for row in db.execute(f"PRAGMA foreign_key_list({table})").fetchall():
        if row[3] == column:
            column_there = row[4] or _columns(db, row[2])[0][1]
            names = db.execute(f"SELECT DISTINCT {column_there} FROM {row[2]} LIMIT 20")
            found += [name[0] for name in names]
    return found


def changes(db: sqlite3.Connection, table: str, column: str) -> Iterator[str]:
    """Make one change after the other, each undone before the next: what it is."""
    key = [row[1] for row in _columns(db, table) if row[5]]
    where = " AND ".join(f"{name} IS ?" for name in key)
    change = f"UPDATE {table} SET {column} = ? WHERE {where}"
    rows = db.execute(f"SELECT {column}, {', '.join(key)} FROM {table}").fetchall()
    values = might_be(db, table, column)
    apart = max(1, len(rows) // ROWS)
    spread = [row for first in range(apart) for row in rows[first::apart]]
    made = 0
    for value, *place in spread:
        if made == ROWS:
            break
        for other in islice((one for one in others(value, values) if one != value), 40):
            try:
                db.execute(change, (other, *place))
            except sqlite3.Error:
                continue  # the schema has something against it
            made += 1
            yield f"{table}.{column} of {place}: {value!r} to {other!r}"
            there = [other if name == column else at for name, at in zip(key, place, strict=True)]
            db.execute("PRAGMA foreign_keys = OFF")
            db.execute(change, (value, *there))
            db.execute("PRAGMA foreign_keys = ON")
            break


def seen(world: World) -> str | None:
    """What ``verify`` says; None where it misses nothing."""
    try:
        verify(world.path, world.audit_key)
    except Failure as failure:
        return failure.code
    return None


def test_every_table_has_rows(behind: sqlite3.Connection) -> None:
    empty = [name for name in tables() if not behind.execute(f"SELECT 1 FROM {name}").fetchone()]
    assert empty == []


@pytest.mark.parametrize("table", tables())
def test_a_changed_column_shows(full: World, behind: sqlite3.Connection, table: str) -> None:
    unseen: dict[str, str] = {}
    for column in tables()[table]:
        for change in changes(behind, table, column):
            if seen(full) is None:
                unseen[f"{table}.{column}"] = change
    of_table = {name for name in NOT_ANSWERED_FOR if name.startswith(f"{table}.")}
    assert unseen.keys() == of_table, unseen


@pytest.mark.parametrize("table", tables())
def test_a_row_that_goes_shows(full: World, behind: sqlite3.Connection, table: str) -> None:
    behind.execute("PRAGMA foreign_keys = OFF")
    columns = [row[1] for row in behind.execute(f"PRAGMA table_xinfo({table})") if not row[6]]
    (gone,) = behind.execute(f"SELECT {', '.join(columns)} FROM {table} LIMIT 1")
    key = {row[1]: row[5] for row in _columns(behind, table) if row[5]}
    values = dict(zip(columns, gone, strict=True))
    where = " AND ".join(f"{name} IS ?" for name in key)
    behind.execute(f"DELETE FROM {table} WHERE {where}", [values[name] for name in key])
    try:
        assert seen(full) == (None if table == "key_slots" else "ledger.tampered")
    finally:
        marks = ", ".join("?" * len(gone))
        behind.execute(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})", gone)


def test_the_docs_say_what_the_log_does_not_answer_for() -> None:
    text = " ".join(SECURITY.read_text("utf-8").split())
    for column, reason in NOT_ANSWERED_FOR.items():
        assert f"`{column}`: {reason}" in text, column
