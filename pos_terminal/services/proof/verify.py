"""The ledger held against its audit log: a change made behind its back shows (R55).

What a purge took away (R54) is missing rightly where its entry names it, and what it left is held
against the log like everything else.
"""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from pos_terminal.core.words import Failure
from pos_terminal.services.ledger import audit
from pos_terminal.services.ledger.anchor import check_anchor
from pos_terminal.services.ledger.books import shelf
from pos_terminal.services.ledger.books.book import ENTRY, MOMENT, EntryFacts, Log, Purged
from pos_terminal.services.ledger.connect import failure_of, open_reader
from pos_terminal.services.ledger.migrations import migrate
from pos_terminal.services.proof.checks import check_rows

if TYPE_CHECKING:
    from pos_terminal.services.ledger.store import LedgerStore

NEWEST: Final = 1000
"""Entries checked at every start; the whole log is checked by ``verify``."""
_STRIDE: Final = 20_000
"""Instructions of SQLite's machine between two looks whether it may go on: some milliseconds."""
_OF_CONTENT: Final = (None, sqlite3.SQLITE_ERROR, sqlite3.SQLITE_MISMATCH)
"""SQLite's codes for what a change can make of a table; None: Python could not read a value."""
_SCHEMA: Final = "SELECT type, name, tbl_name, sql FROM sqlite_schema"


def verify_at_start(db: sqlite3.Connection, path: Path, key: bytes) -> None:
    """The newest entries and the noted head: quick enough for every start."""
    with _readable(path):
        audit.verify_chain(db, key, NEWEST)
        check_anchor(db, path, key)


def verify_store(ledger: LedgerStore) -> None:
    """The whole of an open ledger. Blocks: give it to a ``Runner``. Failures as of ``verify``."""
    verify(ledger.path, ledger.writer.audit_key)


def verify(path: Path, key: bytes, go_on: Callable[[], bool] = lambda: True) -> bool:
    """Everything, on a connection of its own; False where ``go_on`` said no on the way.

    Failure ``ledger.tampered``, ``ledger.damaged``, ``ledger.rolled_back``; those of the disk.
    """
    with _readable(path), closing(open_reader(path)) as db:
        db.set_progress_handler(lambda: not go_on(), _STRIDE)
        try:
            db.execute("BEGIN")
            _check(db, path, key)
        except sqlite3.OperationalError as error:
            if getattr(error, "sqlite_errorcode", None) != sqlite3.SQLITE_INTERRUPT:
                raise
            return False
    return True


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    """What was written here can be read: an error that is not the disk's was made by a change."""
    try:
        yield
    except (Failure, MemoryError):
        raise
    except Exception as error:
        failure = failure_of(error, path) if isinstance(error, sqlite3.Error) else None
        if failure is None and getattr(error, "sqlite_errorcode", None) not in _OF_CONTENT:
            raise
        what = f"what can't be read any more ({type(error).__name__})"
        raise failure or Failure("ledger.tampered", what=what) from error


def verify_migrated(db: sqlite3.Connection, path: Path, key: bytes) -> None:
    """Everything, in the transaction that brought it to this version. Failures as of ``verify``."""
    with _readable(path):
        _check(db, path, key)


def _check(db: sqlite3.Connection, path: Path, key: bytes) -> None:
    found = db.execute("PRAGMA integrity_check(1)").fetchone()[0]
    if found != "ok":
        raise Failure("ledger.damaged", file=str(path), cause=str(found)[:120])
    _check_schema(db)
    audit.verify_chain(db, key)
    check_anchor(db, path, key)
    _check_tables(db, _log(db, key))


def _check_tables(db: sqlite3.Connection, log: Log) -> None:
    """Held against the log, and against each other."""
    for book in shelf.BOOKS:
        if book.witness is not None:
            book.witness(db, log)
    for one in shelf.invariants():
        row = db.execute(one.sql).fetchone()
        if row is not None:
            raise Failure("ledger.tampered", what=f"{one.what} {row[0]}")
    check_rows(db, _own_schema())
    # whoever writes behind our back has foreign keys off, and with them the names of states
    astray = db.execute("PRAGMA foreign_key_check").fetchone()
    if astray is not None:
        raise Failure(
            "ledger.tampered", what=f"{astray[0]}: a row of {astray[2]} that is not there"
        )


def _check_schema(db: sqlite3.Connection) -> None:
    """Tables, indexes, triggers and names are those of this version: they guard the money."""
    if _own_schema() != {tuple(row) for row in db.execute(_SCHEMA)}:
        raise Failure("ledger.tampered", what="schema")
    for names in shelf.names():
        stored = {tuple(row) for row in db.execute(f"SELECT * FROM {names.table}")}
        if stored != names.rows:
            raise Failure("ledger.tampered", what=f"schema, {names.table}")


@cache
def _own_schema() -> frozenset[tuple[str | None, ...]]:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as fresh:
        migrate(fresh, ":memory:")
        return frozenset(map(tuple, fresh.execute(_SCHEMA)))


def _log(db: sqlite3.Connection, key: bytes) -> Log:
    """The entries that tables are held against, oldest first, and what was purged."""
    kinds = (*shelf.entries(), *shelf.told(), audit.PURGE)
    marks = ", ".join("?" for _ in kinds)
    sql = f"""SELECT kind, seq, at, facts FROM audit WHERE kind IN ({marks}) AND facts IS NOT NULL
        ORDER BY seq"""  # question marks only
    found: dict[str, list[EntryFacts]] = defaultdict(list)
    facts_of = {kind: row.fact for kind, row in shelf.entries().items() if row.newest}
    newest: dict[str, dict[object, EntryFacts]] = {kind: {} for kind in facts_of}
    for kind, seq, at, text in db.execute(sql, kinds):
        facts = msgspec.json.decode(text)
        # until 0.3.0 rows were dated by a clock that went back, which stands among the facts
        entry = {**facts, ENTRY: seq, MOMENT: facts.get("clock", at)}
        if kind in newest:
            newest[kind][entry[facts_of[kind]]] = entry
        else:
            found[kind].append(entry)
    for kind, entries in newest.items():
        found[kind] = list(entries.values())
    tables = [numbered.table for numbered in shelf.numbered()]
    return Log(key, found, Purged.of(found[audit.PURGE], tables))
