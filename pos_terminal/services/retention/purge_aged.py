"""Erases in the order of numbers: refunds' persons and cards, slips, audit facts, whatever is aged.

Rows stay, what they say goes. A number that must wait (its matter is open, or was touched since)
is a gap among those gone over; the next run looks at the gaps first and goes on behind the last.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from pos_terminal.services.ledger import purges
from pos_terminal.services.ledger.books import shelf
from pos_terminal.services.ledger.books.book import Aged
from pos_terminal.services.ledger.step import Step

CHUNK: Final = 100
"""Numbers of one commit."""


class PurgeAged:
    """One run over one class, oldest number first."""

    def __init__(self, aged: Aged, before: datetime) -> None:
        self.name = aged.name
        self._aged = aged
        self._stays = shelf.stays(aged.name)
        self._before = before
        self._after: int | None = None
        """The last number looked at, among the gaps first; None before the first look."""
        self._gaps: list[int] = []

    def find(self, db: sqlite3.Connection) -> Sequence[int] | None:
        """The next numbers to go over, perhaps none of this chunk; None at the end."""
        if self._after is None:
            over = purges.gone_over(db, self.name)
            self._gaps, self._after = list(over.gaps()), over.last
        if self._gaps:
            chunk, self._gaps = self._gaps[:CHUNK], self._gaps[CHUNK:]
            return self._without_waiting(db, chunk)
        return self._next(db, self._after)

    def write(self, step: Step, found: Sequence[int]) -> int:
        """Erase those that may still go; how many."""
        numbers = self._without_waiting(step.db, found)
        if not numbers:
            return 0
        self._erase(step, numbers)
        ids = purges.gone_over(step.db, self.name) | numbers
        purges.write_down(step, self.name, self._before, ids=ids.text, count=len(numbers))
        return len(numbers)

    def _erase(self, step: Step, numbers: Sequence[int]) -> None:
        for statement in shelf.erased(self.name):
            step.db.execute(statement, {"numbers": purges.as_list(numbers)})
        if self._aged.strip is not None:
            self._aged.strip(step, numbers)

    def _next(self, db: sqlite3.Connection, after: int) -> Sequence[int] | None:
        day, one = self._before.date().isoformat(), self._aged
        sql = f"""SELECT {one.number}, substr({one.at}, 1, 10) < ? FROM {one.table}
            WHERE {one.number} > ? ORDER BY {one.number} LIMIT {CHUNK}"""
        rows = db.execute(sql, (day, after)).fetchall()
        old = [row[0] for row in rows if row[1]]
        if not old:
            return None
        self._after = old[-1]
        # numbers that are not there went with their sale
        return self._without_waiting(db, range(after + 1, old[-1] + 1))

    def _without_waiting(self, db: sqlite3.Connection, numbers: Sequence[int]) -> list[int]:
        one = self._aged
        sql = f"""SELECT {one.number} FROM {one.table} x WHERE {one.number} IN
            (SELECT value FROM json_each(:numbers)) AND ({self._stays})"""
        values = {"numbers": purges.as_list(numbers), "before": self._before.date().isoformat()}
        waiting = {row[0] for row in db.execute(sql, values)}
        return [number for number in numbers if number not in waiting]
