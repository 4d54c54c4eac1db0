"""A step: one open transaction of the ledger, and what a write in it has before it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from itertools import chain
from typing import TYPE_CHECKING

from msgspec import Struct

from pos_terminal.core.home import Home
from pos_terminal.services.ledger import audit

if TYPE_CHECKING:
    from pos_terminal.services.ledger.ports import CardVault


class Step(Struct):
    """What a write has before it: the open transaction, its moment, and what it must log."""

    db: sqlite3.Connection
    now: datetime
    """What all that it writes is dated by: never before the newest entry, or what a clock that went
    back had ended would be of long ago, and go by its age."""
    clock: datetime
    """What the clock says."""
    home: Home
    vault: CardVault | None
    audit_key: bytes
    newest: audit.Newest
    """The log's, as this step has it so far."""
    entries: int = 0

    def __repr__(self) -> str:
        return f"Step({self.now}, {self.entries} entries)"

    def insert(self, sql: str, values: Sequence[str | int | None]) -> int:
        """Add a row to a table whose rows have numbers; its number."""
        number = self.db.execute(sql, values).lastrowid
        assert number is not None  # noqa: S101 - an insert gives one
        return number

    def insert_all(self, table: str, rows: Iterator[dict[str, object]]) -> None:
        """Rows that all have the same columns. sqlite-utils would look at each value: that was two
        fifths of an import's time."""
        first = next(rows, None)
        if first is None:
            return
        columns, values = ", ".join(first), ", ".join(f":{column}" for column in first)
        sql = f"INSERT INTO {table} ({columns}) VALUES ({values})"
        self.db.executemany(sql, chain([first], rows))

    def log(self, kind: str, /, **facts: audit.Fact) -> int:
        """Add the audit entry of this write; its number."""
        self.entries += 1
        self.newest = audit.append(
            self.db, self.audit_key, self.clock, kind, facts, after=self.newest
        )
        return self.newest.seq

    @contextmanager
    def undoable(self) -> Iterator[Callable[[], None]]:
        """A part of it; what it gives undoes what was written in that part, entries too."""
        before = self.entries, self.newest

        def undo() -> None:
            self.db.execute("ROLLBACK TO part")
            self.entries, self.newest = before

        self.db.execute("SAVEPOINT part")
        yield undo
        self.db.execute("RELEASE part")
