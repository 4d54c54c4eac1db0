"""Numbered steps from any released ledger to this version's. A step, once released, never changes.

``PRAGMA user_version`` holds the number of the last step. sqlite-utils is imported only where a
step has to run: an up-to-date ledger opens without it.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Final

from pos_terminal.core.words import Failure
from pos_terminal.services.ledger.books import shelf

if TYPE_CHECKING:
    from sqlite_utils import Database

Migration = Callable[["Database"], None]
_CREATED: Final = re.compile(r"^CREATE (?:UNIQUE )?(TABLE|INDEX|TRIGGER|VIEW) (\w+)", re.MULTILINE)


def _first(db: Database) -> None:
    """The tables of the books, and what a new ledger begins with."""
    for statement in statements(shelf.tables()):
        db.execute(statement)
    for book in shelf.BOOKS:
        for table, row in book.rows.items():
            db.table(table).insert(dict(row))


STEPS: Final[tuple[Migration, ...]] = (_first,)
NEVER_RELEASED: Final = 1
"""The number of ledgers from before the first release (0.1.0), which no step leads on from."""
VERSION: Final = NEVER_RELEASED + len(STEPS)


def version_of(connection: sqlite3.Connection) -> int:
    """The number of the last step that this file has seen; 0 for a new file."""
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def readable(connection: sqlite3.Connection, path: str) -> int:
    """Its number. Failure ``ledger.newer`` or ``ledger.older`` where this version can't read it,
    ``ledger.damaged`` where some of it is gone."""
    found = version_of(connection)
    if found > VERSION:
        raise Failure("ledger.newer", file=path, found=found, known=VERSION)
    if found == NEVER_RELEASED:
        raise Failure("ledger.older", file=path, found=found, known=VERSION)
    if found == VERSION and (gone := _expected() - _present(connection)):
        kind, name = min(gone)
        raise Failure("ledger.damaged", file=path, cause=f"no {kind} {name}")
    return found


def _present(connection: sqlite3.Connection) -> set[tuple[str, str]]:
    return {tuple(row) for row in connection.execute("SELECT type, name FROM sqlite_schema")}


@cache
def _expected() -> frozenset[tuple[str, str]]:
    """What guards the money, by kind and name; ``verify`` looks at all of each."""
    return frozenset((kind.lower(), name) for kind, name in _CREATED.findall(shelf.tables()))


def migrate(connection: sqlite3.Connection, path: str) -> bool:
    """Bring the file to this version; whether anything was to do.

    Each step is one transaction with its number. Failure ``ledger.newer`` for a file that a later
    version of the terminal wrote, ``ledger.older`` for one of 0.1.0: it is left as it is.
    """
    found = readable(connection, path)
    for number in range(max(found, NEVER_RELEASED), VERSION):
        _run(connection, number)
    return found < VERSION


def _run(connection: sqlite3.Connection, number: int) -> None:
    from sqlite_utils import Database

    connection.execute("BEGIN IMMEDIATE")
    try:
        STEPS[number - NEVER_RELEASED](Database(connection, execute_plugins=False))
        connection.execute(f"PRAGMA user_version = {number + 1}")
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def statements(script: str) -> list[str]:
    """The script's statements one by one: ``executescript`` would commit between them."""
    found: list[str] = []
    current = ""
    for line in script.splitlines():
        current += line + "\n"
        if sqlite3.complete_statement(current):
            found.append(current.strip())
            current = ""
    return found
