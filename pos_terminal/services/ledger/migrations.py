"""A new ledger's schema, and the numbered steps to it from that of any release (``steps``).

``PRAGMA user_version`` is the number of a file's schema. A new ledger is made of what the books say
today; an older one by the steps that come after its number. Both come out the same, or ``verify``
finds the schema changed.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable
from functools import cache
from importlib import import_module
from typing import Final

from pos_terminal.core.words import Failure
from pos_terminal.services.ledger.books import shelf
from pos_terminal.services.ledger.steps.rebuild import statements

Run = Callable[[sqlite3.Connection], None]
_CREATED: Final = re.compile(r"^CREATE (?:UNIQUE )?(TABLE|INDEX|TRIGGER|VIEW) (\w+)", re.MULTILINE)
_COLUMN: Final = re.compile(r"[(,]\s*(\w+) (?:TEXT|INTEGER|BLOB)\b")
_PRESENT: Final = """SELECT type, name FROM sqlite_schema UNION ALL SELECT 'column',
    s.name || '.' || c.name FROM sqlite_schema s, pragma_table_xinfo(s.name) c
    WHERE s.type = 'table'"""
"""Some thousandth of a second."""
_EMPTY: Final = 0
"""Number of a file that has nothing in it yet: a kill came before its schema."""
FIRST: Final = 2
"""The schema of 0.2.0. What is below was never released, and no step leads on from it."""
VERSION: Final = 6
"""The schema of today: the books', and that of the last step."""


def version_of(connection: sqlite3.Connection) -> int:
    """The number of this file's schema; 0 for a new file."""
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def readable(connection: sqlite3.Connection, path: str) -> None:
    """Failure where questions of this version find no answers in it: ``ledger.not_migrated`` (the
    next start does that), and those of ``migrate``."""
    found = _known(connection, path)
    if found == _EMPTY:
        raise Failure("ledger.damaged", file=path, cause="nothing in it")
    if found < VERSION:
        raise Failure("ledger.not_migrated", file=path, found=found, known=VERSION)


def migrate(
    connection: sqlite3.Connection,
    path: str,
    hold: Callable[[int], None] = lambda found: None,
) -> bool:
    """Bring the file to this version; whether anything was to do.

    All of it is one transaction, from whatever schema. ``hold`` is given the file's number before,
    looks at what an older ledger has become, and undoes all with an exception. Failure
    ``ledger.newer`` for a file of a later version of the terminal, ``ledger.older`` for one of
    0.1.0, ``ledger.damaged`` where some of it is gone: it is left as it is.
    """
    found = _known(connection, path)
    if found == VERSION:
        return False
    # neither is heard within a transaction; a table that is rebuilt must not take along what
    # refers to it (SQLite, "ALTER TABLE", 7)
    connection.execute("PRAGMA foreign_keys = OFF")
    connection.execute("PRAGMA legacy_alter_table = ON")
    try:
        _run(connection, found, hold)
    finally:
        connection.execute("PRAGMA legacy_alter_table = OFF")
        connection.execute("PRAGMA foreign_keys = ON")
    return True


def step_to(number: int) -> Run:
    """What makes schema ``number`` of the one before it; imported only where it has to run."""
    run: Run = import_module(f"pos_terminal.services.ledger.steps.to_{number}").run
    return run


def _run(connection: sqlite3.Connection, found: int, hold: Callable[[int], None]) -> None:
    connection.execute("BEGIN IMMEDIATE")
    try:
        if found == _EMPTY:
            _create(connection)
        else:
            for number in range(found + 1, VERSION + 1):
                step_to(number)(connection)
        connection.execute(f"PRAGMA user_version = {VERSION}")
        if found != _EMPTY:
            hold(found)
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _create(connection: sqlite3.Connection) -> None:
    """The tables of the books, and what a new ledger begins with."""
    for statement in statements(shelf.tables()):
        connection.execute(statement)
    for book in shelf.BOOKS:
        for table, row in book.rows.items():
            columns, marks = ", ".join(row), ", ".join("?" for _ in row)
            sql = f"INSERT INTO {table} ({columns}) VALUES ({marks})"
            connection.execute(sql, tuple(row.values()))


def _known(connection: sqlite3.Connection, path: str) -> int:
    """Its number. Failures as of ``migrate``."""
    found = version_of(connection)
    if found > VERSION:
        raise Failure("ledger.newer", file=path, found=found, known=VERSION)
    if _EMPTY < found < FIRST:
        raise Failure("ledger.older", file=path, found=found, known=FIRST)
    present = _present(connection)
    if found == _EMPTY and present:
        raise Failure("ledger.damaged", file=path, cause="tables of no known version")
    if found == VERSION and (gone := _expected() - present):
        kind, name = max(gone)  # of a table that is gone not each column
        raise Failure("ledger.damaged", file=path, cause=f"no {kind} {name}")
    return found


def _present(connection: sqlite3.Connection) -> set[tuple[str, str]]:
    return {tuple(row) for row in connection.execute(_PRESENT)}


@cache
def _expected() -> frozenset[tuple[str, str]]:
    """What guards the money, by kind and name; ``verify`` looks at all of each."""
    found = [(kind.lower(), name) for kind, name in _CREATED.findall(shelf.tables())]
    for statement in statements(shelf.tables()):
        if statement.startswith("CREATE TABLE "):
            table = statement.split()[2]
            found += [("column", f"{table}.{name}") for name in _COLUMN.findall(statement)]
    return frozenset(found)
