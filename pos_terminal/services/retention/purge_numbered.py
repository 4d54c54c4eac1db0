"""Purges that erase in the order of numbers: refunds' persons and cards, slips, audit facts.

Rows stay, what they say goes. A number that must wait (its matter is open, or was touched since)
is a gap among those gone over; the next run looks at the gaps first and goes on behind the last.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import datetime
from typing import Final

import msgspec

from pos_terminal.services.ledger import audit, purges
from pos_terminal.services.ledger.books import shelf, slips
from pos_terminal.services.ledger.step import Step

CHUNK: Final = 100
"""Numbers of one commit."""
_NUMBERS: Final = "(SELECT value FROM json_each(?))"


class PurgeNumbered:
    """One run over one table, oldest number first. Subclasses say what waits and what goes."""

    name: str
    table: str
    number: str
    at: str
    """The column with the moment a row was made, ISO 8601: no later number is older."""
    waits: str
    """SQL: whether a row ``x`` must stay whole for now; may name ``:before``, a day."""

    def __init__(self, before: datetime) -> None:
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
        self.erase(step, numbers)
        ids = purges.gone_over(step.db, self.name) | numbers
        purges.write_down(step, self.name, self._before, ids=ids.text, count=len(numbers))
        return len(numbers)

    def erase(self, step: Step, numbers: Sequence[int]) -> None:
        raise NotImplementedError

    def _next(self, db: sqlite3.Connection, after: int) -> Sequence[int] | None:
        day = self._before.date().isoformat()
        sql = f"""SELECT {self.number}, substr({self.at}, 1, 10) < ? FROM {self.table}
            WHERE {self.number} > ? ORDER BY {self.number} LIMIT {CHUNK}"""
        rows = db.execute(sql, (day, after)).fetchall()
        old = [row[0] for row in rows if row[1]]
        if not old:
            return None
        self._after = old[-1]
        # numbers that are not there went with their sale
        return self._without_waiting(db, range(after + 1, old[-1] + 1))

    def _without_waiting(self, db: sqlite3.Connection, numbers: Sequence[int]) -> list[int]:
        sql = f"""SELECT {self.number} FROM {self.table} x WHERE {self.number} IN
            (SELECT value FROM json_each(:numbers)) AND ({self.waits})"""
        values = {"numbers": _json(numbers), "before": self._before.date().isoformat()}
        waiting = {row[0] for row in db.execute(sql, values)}
        return [number for number in numbers if number not in waiting]


class PurgeRefunds(PurgeNumbered):
    """Who and which card, of applications that are over. Money, numbers and rules stay."""

    name = purges.REFUNDS
    table, number, at = "applications", "number", "opened_at"
    waits = shelf.application_stays()

    def erase(self, step: Step, numbers: Sequence[int]) -> None:
        for statement in shelf.erased():
            step.db.execute(statement, {"applications": _json(numbers)})


class PurgeSlips(PurgeNumbered):
    """What printed slips say, but for what names them in a list."""

    name = purges.SLIPS
    table, number, at = "print_jobs", "job_id", "queued_at"
    waits = shelf.slip_stays()

    def erase(self, step: Step, numbers: Sequence[int]) -> None:
        slips.strip(step, numbers)


class PurgeAudit(PurgeNumbered):
    """Facts of audit entries, once nothing is held against them; the chain stays whole."""

    name = purges.AUDIT
    table, number, at = "audit", "seq", "at"
    waits = shelf.entry_stays()

    def erase(self, step: Step, numbers: Sequence[int]) -> None:
        sql = f"SELECT seq, facts FROM audit WHERE seq IN {_NUMBERS}"
        rows = step.db.execute(sql, (_json(numbers),)).fetchall()
        step.db.executemany(
            "UPDATE audit SET facts = NULL, digest = ? WHERE seq = ?",
            [
                (audit.facts_digest(step.audit_key, row["seq"], row["facts"]), row["seq"])
                for row in rows
            ],
        )


def _json(numbers: Sequence[int]) -> str:
    return msgspec.json.encode(list(numbers)).decode()
