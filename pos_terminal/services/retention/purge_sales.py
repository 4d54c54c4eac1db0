"""Sales older than the retention go whole: with what was sold, and with all that became of them.

What stays: a sale with anything open, with a refund that is younger than refunds are kept, or of
the current batch, whose trace numbers must not be used again.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from pos_terminal.core.receipt_code import remedy_head
from pos_terminal.services.ledger import purges
from pos_terminal.services.ledger.books import counter, journal, shelf
from pos_terminal.services.ledger.books.book import Leftovers, Loose, Numbered
from pos_terminal.services.ledger.spans import NONE
from pos_terminal.services.ledger.step import Step

CHUNK: Final = 20
"""Sales of one commit: some tens of milliseconds on a Pi."""

_STAYS: Final = shelf.sale_stays()
NEXT: Final = f"""SELECT s.sale_key, s.sold_ts, {_STAYS} AS stays FROM sales s
    WHERE s.sold_ts < :before AND (s.sold_ts, s.sale_key) > (:sold_ts, :sale_key)
    ORDER BY s.sold_ts, s.sale_key LIMIT {CHUNK}"""
AGAIN: Final = f"""SELECT s.sale_key, s.sale_id FROM sales s
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
        """Moment and key of the last sale that was looked at."""

    def find(self, db: sqlite3.Connection) -> Sequence[int] | None:
        """Keys of the next sales that may go, perhaps none of this chunk; None at the end."""
        values = self._values(db) | {"sold_ts": self._at[0], "sale_key": self._at[1]}
        rows = db.execute(NEXT, values).fetchall()
        if not rows:
            return None
        self._at = (rows[-1]["sold_ts"], rows[-1]["sale_key"])
        return [row["sale_key"] for row in rows if not row["stays"]]

    def write(self, step: Step, found: Sequence[int]) -> int:
        """Delete those that may still go, with all that hangs on them; how many."""
        values = self._values(step.db) | {"sales": purges.as_list(found)}
        rows = step.db.execute(AGAIN, values).fetchall()
        if not rows:
            return 0
        keys = [row["sale_key"] for row in rows]
        of_sales = [one for one in shelf.numbered() if one.of_sale]
        numbers = {one.table: _numbers(step, one, keys) for one in of_sales}
        named = [row["sale_id"] for row in rows if row["sale_id"] is not None]
        _delete(step, self._before, numbers, named, self._quiet)
        return len(keys)

    def _values(self, db: sqlite3.Connection) -> dict[str, str | int]:
        owner = journal.owner(db)
        return {
            "before": int(self._before.timestamp()),
            "quiet": self._quiet,
            "terminal": owner["terminal_id"],
            "remedies": remedy_head(owner["merchant_id"], owner["terminal_id"]),
            "batch": counter.current(db)[1],
        }


class PurgeLoose:
    """One run over what may have no sale to go with: applications, cases. As ``PurgeSales``."""

    name = purges.SALES

    def __init__(self, loose: Loose, before: datetime, quiet: datetime) -> None:
        self._loose = loose
        self._before = before
        self._days = {"before": before.date().isoformat(), "quiet": quiet.date().isoformat()}
        self._after = 0

    def find(self, db: sqlite3.Connection) -> Sequence[int] | None:
        """Numbers of the next ones that may go, perhaps none of this chunk; None at the end."""
        one = self._loose
        sql = f"""SELECT {one.column} AS number, {one.stays} AS stays FROM {one.table} x
            WHERE sale_key IS NULL AND {one.column} > :after
            AND substr({one.at}, 1, 10) < :before ORDER BY {one.column} LIMIT {CHUNK}"""
        rows = db.execute(sql, {**self._days, "after": self._after}).fetchall()
        if not rows:
            return None
        self._after = rows[-1]["number"]
        return [row["number"] for row in rows if not row["stays"]]

    def write(self, step: Step, found: Sequence[int]) -> int:
        """Delete those that may still go, with all that hangs on them; how many."""
        one = self._loose
        sql = f"""SELECT {one.column} FROM {one.table} x WHERE sale_key IS NULL
            AND {one.column} IN (SELECT value FROM json_each(:numbers)) AND NOT ({one.stays})"""
        values = {**self._days, "numbers": purges.as_list(found)}
        numbers = [row[0] for row in step.db.execute(sql, values)]
        if numbers:
            _delete(step, self._before, {one.table: numbers}, (), self._days["quiet"])
        return len(numbers)


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
        facts: dict[str, str | int] = {self._leftovers.fact: len(found)}
        if self._leftovers.table:
            facts[self._leftovers.table] = (NONE | found).text
        _write_down(step, self._before, facts)
        return len(found)


def _delete(
    step: Step,
    before: datetime,
    numbers: Mapping[str, Sequence[int]],
    sale_ids: Sequence[str],
    quiet: str,
) -> None:
    """Rows by the numbers of each table, with all that goes by them, and the entry that says so."""
    nothing: dict[str, Sequence[int]] = {one.table: () for one in shelf.numbered()}
    gone = {table: purges.as_list(all_) for table, all_ in {**nothing, **numbers}.items()}
    gone["sale_ids"] = purges.as_list(sale_ids)
    for book in shelf.BOOKS:
        if book.parting is not None:
            book.parting(step, gone)
    # looked at by SQLite at the commit, so that no book needs to know which refer to it
    step.db.execute("PRAGMA defer_foreign_keys = ON")
    for one in shelf.goes():
        step.db.execute(f"DELETE FROM {one.table} WHERE {one.where}", gone)
    spans = {table: (NONE | all_).text for table, all_ in numbers.items()}
    _write_down(step, before, {"quiet": quiet, **spans})


def _numbers(step: Step, one: Numbered, keys: Sequence[int]) -> list[int]:
    sql = f"SELECT {one.column} FROM {one.table} WHERE {purges.OF_SALES}"
    return [row[0] for row in step.db.execute(sql, {"sales": purges.as_list(keys)})]


def _write_down(step: Step, before: datetime, facts: Mapping[str, str | int]) -> None:
    """The bounds never move back, also where the retention was made longer since.

    ``quiet``: no refund of that day or later went with its sale.
    """
    bound = purges.horizon(step.db)
    before = before if bound is None else max(before, bound)
    leftovers = (kind(before) for kind in shelf.leftovers())
    nothing: dict[str, str | int] = {one.fact: 0 for one in leftovers}
    nothing |= {one.table: "" for one in shelf.numbered()}
    nothing["quiet"] = quiet = str(purges.told(step.db, purges.SALES).get("quiet", ""))
    facts = {**facts, "quiet": max(quiet, str(facts.get("quiet", "")))}
    purges.write_down(step, purges.SALES, before, **{**nothing, **facts})
