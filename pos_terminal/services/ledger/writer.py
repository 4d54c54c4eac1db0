"""The one place where the ledger is written: one transaction at a time, each with its entry."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from pos_terminal.core.home import Home
from pos_terminal.core.words import Failure
from pos_terminal.ports import Clock
from pos_terminal.services.ledger import audit
from pos_terminal.services.ledger.connect import BUSY_SECONDS, failure_of
from pos_terminal.services.ledger.step import Step

if TYPE_CHECKING:
    from pos_terminal.services.ledger.ports import CardVault

T = TypeVar("T")


class Writer:
    """Runs writes one after the other; on the writer's thread, or inline under virtual time."""

    def __init__(
        self,
        db: sqlite3.Connection,
        path: Path,
        *,
        clock: Clock,
        home: Home,
        vault: CardVault | None,
        audit_key: bytes,
    ) -> None:
        self.db = db
        self.path = path
        self.home = home
        self.vault = vault
        self.audit_key = audit_key
        self._clock = clock
        self._turn = threading.Lock()
        self._broken: Failure | None = None

    def transact(self, name: str, work: Callable[[Step], T]) -> T:
        """Do ``work`` in one durable transaction; what it returned.

        A write that logged nothing itself gets an entry of kind ``name``. Any exception undoes
        all of it. Failure ``ledger.*`` for a full disk, a busy or a failing one.
        """
        with self._turn, self._errors():
            return self._commit(name, work)

    def read(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """``work`` on what the next write would find. Failures as of ``transact``."""
        with self._turn, self._errors():
            return work(self.db)

    def checkpoint(self) -> None:
        """Move the WAL's content into the database file, as far as no reader is in the way.

        Failures as of ``transact``.
        """
        self.read(lambda db: db.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall())

    @contextmanager
    def _errors(self) -> Iterator[None]:
        """The disk's errors as failures; after some of them nothing is written any more."""
        if self._broken is not None:
            raise self._broken
        try:
            yield
        except sqlite3.Error as error:
            failure = failure_of(error, self.path)
            if failure is None:
                raise
            if failure.code in ("ledger.io", "ledger.damaged"):
                # what the disk kept of it is not known before the next start
                self._broken = failure
            raise failure from error

    def empty_wal(self) -> bool:
        """Checkpoint all of it and cut the WAL to nothing: what was erased is in neither file.

        False where a reader is in the way, without waiting for it.
        """
        return self.read(_truncate)

    def _commit(self, name: str, work: Callable[[Step], T]) -> T:
        self.db.execute("BEGIN IMMEDIATE")
        try:
            clock = self._clock.now()
            newest = audit.newest(self.db)
            now = max(clock, newest.at or clock)
            step = Step(self.db, now, clock, self.home, self.vault, self.audit_key, newest)
            result = work(step)
            if not step.entries:
                step.log(name)
            self.db.execute("COMMIT")
        except BaseException:
            # on a full disk SQLite has rolled back already
            if self.db.in_transaction:
                self.db.execute("ROLLBACK")
            raise
        return result


def _truncate(db: sqlite3.Connection) -> bool:
    db.execute("PRAGMA busy_timeout = 0")
    try:
        return not db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
    finally:
        db.execute(f"PRAGMA busy_timeout = {int(BUSY_SECONDS * 1000)}")
