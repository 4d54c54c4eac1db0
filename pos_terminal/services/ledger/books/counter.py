"""STAN and batch: 000001 to 999999, wrapping, persistent, unique in the batch (field 11, 60.2)."""

from __future__ import annotations

import sqlite3
from typing import Final

from pos_terminal.core.words import Failure
from pos_terminal.services.ledger.books import sales
from pos_terminal.services.ledger.books.book import Book, Face, ReadFace
from pos_terminal.services.ledger.step import Step

_TABLES: Final = """
CREATE TABLE counter (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    stan INTEGER NOT NULL CHECK (stan BETWEEN 0 AND 999999),
    batch TEXT NOT NULL CHECK (length(batch) = 6 AND batch NOT GLOB '*[^0-9]*')
) STRICT;
"""

LAST: Final = 999_999
JUMP: Final = 100
"""How far the STAN jumps after 94: past what a confused host or till may have used."""


def current(db: sqlite3.Connection) -> tuple[int, str]:
    """The last STAN taken, and the batch."""
    row = db.execute("SELECT stan, batch FROM counter WHERE id = 1").fetchone()
    return row["stan"], row["batch"]


def draw(step: Step) -> tuple[str, str]:
    """The next STAN that no refund and no known sale of this batch has, and the batch.

    Failure ``ledger.stans`` where the batch has none left.
    """
    stan, batch = current(step.db)
    for _ in range(LAST):
        stan = stan % LAST + 1
        if not _taken(step, batch, f"{stan:06d}"):
            step.db.execute("UPDATE counter SET stan = ? WHERE id = 1", (stan,))
            return f"{stan:06d}", batch
    raise Failure("ledger.stans", batch=batch)


def _taken(step: Step, batch: str, stan: str) -> bool:
    taken = step.db.execute(
        """SELECT EXISTS (SELECT 1 FROM refunds WHERE batch = ?1 AND stan = ?2)
        OR EXISTS (SELECT 1 FROM sales
            WHERE trace = ?2 AND trace != '' AND terminal_id = ?3 AND batch = ?1)""",
        (batch, stan, step.home.terminal_id),
    )
    return bool(taken.fetchone()[0])


def raise_above(step: Step, trace: str) -> None:
    """A sale application on this Pi used ``trace`` in the current batch: stay above it (R10)."""
    step.db.execute("UPDATE counter SET stan = max(stan, ?) WHERE id = 1", (int(trace),))


def resequence(step: Step, batch: str | None) -> None:
    """The acquirer's batch number, or without one a jump of the STAN after 94.

    Another batch means that the old one is closed: this terminal's sales are in a closed batch.
    """
    stan, old = current(step.db)
    if batch is None:
        stan = (stan + JUMP - 1) % LAST + 1
        step.db.execute("UPDATE counter SET stan = ? WHERE id = 1", (stan,))
        step.log("stan_jump", stan=stan, batch=old)
        return
    if len(batch) != 6 or not (batch.isascii() and batch.isdigit()):
        raise ValueError(f"a batch number has six digits: {batch!r}")
    if batch != old:
        step.db.execute("UPDATE counter SET batch = ? WHERE id = 1", (batch,))
        sales.close_batch(step, step.home.terminal_id, old)
    step.log("batch", old=old, new=batch)


class CounterReads(ReadFace):
    """Fulfils ``ports.CounterReads``."""

    def batch(self) -> str:
        return current(self._reads.db)[1]


class Counter(Face, CounterReads):
    """Fulfils ``ports.Counter``."""

    async def draw(self) -> str:
        return await self._door.step("draw_stan", lambda step: draw(step)[0])

    async def resequence(self, batch: str | None = None) -> None:
        await self._door.step("resequence", lambda step: resequence(step, batch))


BOOK: Final = Book(
    tables=_TABLES,
    rows={"counter": {"id": 1, "stan": 0, "batch": "000001"}},
    heading="SELECT batch, printf('%06d', stan) AS stan FROM counter",
)
