"""Connections to the ledger's file, and its errors."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path
from typing import Any, Final

from pos_terminal.core.words import Failure

BUSY_SECONDS: Final = 5.0
LOG_BYTES: Final = 1 << 20
"""What a burst leaves of the WAL once it was checkpointed; the next write cuts it there
(SQLite, "PRAGMA journal_size_limit")."""
_CACHE: Final = "PRAGMA cache_size = -512"
"""KiB of pages that a connection keeps: a refund needs a few dozen, the system caches the rest.
SQLite's own 2 MiB fill up over thousands of refunds, and never shrink."""
_PRAGMAS: Final = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
    "PRAGMA secure_delete = ON",
    "PRAGMA wal_autocheckpoint = 0",
    f"PRAGMA journal_size_limit = {LOG_BYTES}",
    "PRAGMA temp_store = MEMORY",
    _CACHE,
)
_EXTENDED: Final = {sqlite3.SQLITE_IOERR_SHMSIZE: "ledger.full"}
"""The WAL's index can't grow: SQLite's docs have a full disk as its likely cause."""
_CODES: Final = {
    sqlite3.SQLITE_FULL: "ledger.full",
    sqlite3.SQLITE_BUSY: "ledger.busy",
    sqlite3.SQLITE_LOCKED: "ledger.busy",
    sqlite3.SQLITE_IOERR: "ledger.io",
    sqlite3.SQLITE_READONLY: "ledger.readonly",
    sqlite3.SQLITE_PERM: "ledger.readonly",
    sqlite3.SQLITE_CANTOPEN: "ledger.unreadable",
    sqlite3.SQLITE_CORRUPT: "ledger.damaged",
    sqlite3.SQLITE_NOTADB: "ledger.damaged",
}
_BALANCES: Final = {"balance": "ledger.balance", "line_balance": "ledger.lines"}
"""Constraints of the schema that a person may meet, though nothing should come so far."""


def failure_of(error: sqlite3.Error, path: Path) -> Failure | None:
    """The failure to tell people; None where the error is a mistake of the program."""
    code = getattr(error, "sqlite_errorcode", None)
    if code is None:
        return None
    if isinstance(error, sqlite3.IntegrityError):
        broken = [key for name, key in _BALANCES.items() if f"failed: {name}" in str(error)]
        return Failure(broken[0]) if broken else None
    key = _EXTENDED.get(code) or _CODES.get(code & 0xFF)
    return Failure(key, file=str(path), cause=error.sqlite_errorname) if key else None


def open_writer(path: Path) -> sqlite3.Connection:
    """The one connection that writes. Transactions are begun and ended by hand.

    A new file is its owner's alone; SQLite gives its WAL the same mode.
    """
    os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
    connection = sqlite3.connect(
        path, isolation_level=None, check_same_thread=False, timeout=BUSY_SECONDS
    )
    for pragma in _PRAGMAS:
        connection.execute(pragma)
    connection.row_factory = sqlite3.Row
    return connection


class _Reading(sqlite3.Connection):
    """Tells the disk's errors as the ledger's failures."""

    path = Path()

    def execute(self, sql: str, parameters: Any = (), /) -> sqlite3.Cursor:
        try:
            return super().execute(sql, parameters)
        except sqlite3.Error as error:
            raise failure_of(error, self.path) or error from error


def open_reader(path: Path) -> sqlite3.Connection:
    """A connection that can't write; sees each commit as soon as it is durable.

    Failure ``ledger.*`` for what the disk does to a statement.
    """
    uri = f"{path.absolute().as_uri()}?mode=ro"
    connection = sqlite3.connect(
        uri,
        uri=True,
        isolation_level=None,
        check_same_thread=False,
        timeout=BUSY_SECONDS,
        factory=_Reading,
    )
    connection.path = path
    connection.execute("PRAGMA query_only = ON")
    connection.execute(_CACHE)
    connection.row_factory = sqlite3.Row
    return connection
