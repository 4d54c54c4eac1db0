"""Points around every write of the ledger, and a disk without room."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from typing import TypeVar

from hw_sim.proofs.crash.points import Points
from pos_terminal.services.ledger.step import Step
from pos_terminal.services.ledger.store import LedgerStore

T = TypeVar("T")

DISK_FULL = "disk-full"


class Disk:
    """Whether SQLite finds room. The error is its own: the database may not grow."""

    def __init__(self) -> None:
        self._full = False

    def fill(self) -> None:
        self._full = True

    def mend(self) -> None:
        self._full = False

    def hold(self, db: sqlite3.Connection) -> None:
        """Inside a transaction: SQLITE_FULL where the disk is full; SQLite rolls back."""
        if not self._full:
            return
        db.execute("PRAGMA max_page_count = 1")  # it stays as large as it is
        try:
            db.execute("CREATE TABLE no_room AS SELECT zeroblob(16777216) AS b")
        finally:
            db.execute("PRAGMA max_page_count = 1073741823")


def with_points(store: LedgerStore, points: Points, disk: Disk) -> LedgerStore:
    """The same ledger, every step of which passes its points; for ``World.ledger``."""
    inner = store.step

    async def step(name: str, work: Callable[[Step], T]) -> T:
        def whole(step: Step) -> T:
            result = work(step)
            points.reach(name, "inside")
            disk.hold(step.db)
            return result

        points.reach(name, "before")
        result = await inner(name, whole)
        points.reach(name, "after")
        return result

    # the one door of every write, as its docstring says: the methods go through the instance's
    vars(store)["step"] = step
    return store
