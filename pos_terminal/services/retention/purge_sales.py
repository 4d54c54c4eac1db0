"""Sales older than the retention go whole: with what was sold, and with all that became of them.

What stays: a sale with anything open, with a refund that is younger than refunds are kept, or of
the current batch, whose trace numbers must not be used again.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from pos_terminal.services.ledger import purges
from pos_terminal.services.ledger.books import counter, journal, shelf
from pos_terminal.services.ledger.books.book import Leftovers, Numbered
from pos_terminal.services.ledger.spans import NONE
from pos_terminal.services.ledger.step import Step

CHUNK: Final = 20
"""Sales of one commit: some tens of milliseconds on a Pi."""

_STAYS: Final = shelf.sale_stays()
NEXT: Final = f"""SELECT s.rowid, s.sold_ts, s.sale_id, {_STAYS} AS stays FROM sales s
    WHERE s.sold_ts < :before AND (s.sold_ts, s.rowid) > (:sold_ts, :rowid)
    ORDER BY s.sold_ts, s.rowid LIMIT {CHUNK}"""
AGAIN: Final = f"""SELECT s.sale_id FROM sales s
    WHERE {purges.OF_SALES} AND NOT ({_STAYS})"""
_FIRST: Final = -(2**62)
"""Before every moment in Unix seconds."""


class PurgeSales:
    """One run. ``quiet``: what ended on or after this moment's day is kept with its sale."""

    name = purges.SALES

    def __init__(self, before: datetime, quiet: datetime) -> None:
        self._before = before
        self._quiet = quiet.date().isoformat()
        self._at = (_FIRST, 0)
        """Moment and row of the last sale that was looked at."""

    def find(self, db: sqlite3.Connection) -> Sequence[str] | None:
        """Keys of the next sales that may go, perhaps none of this chunk; None at the end."""
        values = self._values(db) | {"sold_ts": self._at[0], "rowid": self._at[1]}
        rows = db.execute(NEXT, values).fetchall()
        if not rows:
            return None
        self._at = (rows[-1]["sold_ts"], rows[-1]["rowid"])
        return [row["sale_id"] for row in rows if not row["stays"]]

    def write(self, step: Step, found: Sequence[str]) -> int:
        """Delete those that may still go, with all that hangs on them; how many."""
        values = self._values(step.db) | {"sales": purges.as_list(found)}
        keys = [row["sale_id"] for row in step.db.execute(AGAIN, values)]
        if not keys:
            return 0
        numbers = {one.table: _numbers(step, one, keys) for one in shelf.numbered()}
        gone = {"sales": purges.as_list(keys)} | {
            table: purges.as_list(all_) for table, all_ in numbers.items()
        }
        for book in shelf.BOOKS:
            if book.parting is not None:
                book.parting(step, gone)
        # looked at by SQLite at the commit, so that no book needs to know which refer to it
        step.db.execute("PRAGMA defer_foreign_keys = ON")
        for one in shelf.goes():
            step.db.execute(f"DELETE FROM {one.table} WHERE {one.where}", gone)
        spans = {table: (NONE | all_).text for table, all_ in numbers.items()}
        _write_down(step, self._before, {"sales": len(keys), **spans})
        return len(keys)

    def _values(self, db: sqlite3.Connection) -> dict[str, str | int]:
        return {
            "before": int(self._before.timestamp()),
            "quiet": self._quiet,
            "terminal": journal.owner(db)["terminal_id"],
            "batch": counter.current(db)[1],
        }


class PurgeLeftovers:
    """One run over what no sale holds any more."""

    name = purges.SALES

    def __init__(self, kind: Callable[[datetime], Leftovers], before: datetime) -> None:
        self._leftovers = kind(before)
        self._before = before

    def find(self, db: sqlite3.Connection) -> Sequence[Any] | None:
        """The next ones; None at the end."""
        return self._leftovers.find(db)

    def write(self, step: Step, found: Sequence[Any]) -> int:
        """Delete them; how many."""
        self._leftovers.delete(step, found)
        _write_down(step, self._before, {self._leftovers.fact: len(found)})
        return len(found)


def _numbers(step: Step, one: Numbered, keys: Sequence[str]) -> list[int]:
    sql = f"SELECT {one.column} FROM {one.table} WHERE {purges.OF_SALES}"
    return [row[0] for row in step.db.execute(sql, {"sales": purges.as_list(keys)})]


def _write_down(step: Step, before: datetime, facts: Mapping[str, str | int]) -> None:
    """The bound never moves back, also where the retention was made longer since."""
    bound = purges.horizon(step.db)
    before = before if bound is None else max(before, bound)
    leftovers = (kind(before) for kind in shelf.leftovers())
    nothing: dict[str, str | int] = {"sales": 0}
    nothing |= {one.fact: 0 for one in leftovers}
    nothing |= {one.table: "" for one in shelf.numbered()}
    purges.write_down(step, purges.SALES, before, **{**nothing, **facts})
