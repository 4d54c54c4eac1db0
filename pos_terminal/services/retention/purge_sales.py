"""Sales older than the retention go whole: with what was sold, and with all that became of them.

What stays: a sale with anything open, with a refund that is younger than refunds are kept, or of
the current batch, whose trace numbers must not be used again.
"""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

import msgspec

from pos_terminal.services.ledger import purges, stan
from pos_terminal.services.ledger.books import shelf
from pos_terminal.services.ledger.content import EMPTY, without
from pos_terminal.services.ledger.spans import NONE
from pos_terminal.services.ledger.step import Step

CHUNK: Final = 20
"""Sales of one commit: some tens of milliseconds on a Pi."""

_STAYS: Final = f"""s.terminal_id = :terminal AND s.batch = :batch AND s.trace != ''
    OR EXISTS (SELECT 1 FROM tenders t WHERE t.sale_id = s.sale_id AND t.held > 0)
    OR EXISTS (SELECT 1 FROM applications a WHERE a.sale_id = s.sale_id
        AND (a.state IN ('open', 'sealed') OR substr(a.changed_at, 1, 10) >= :quiet))
    OR EXISTS (SELECT 1 FROM refunds r WHERE r.sale_id = s.sale_id
        AND (r.state IN {purges.OPEN} OR r.batch = :batch
        OR substr(coalesce(r.concluded_at, r.sealed_at), 1, 10) >= :quiet)){shelf.sale_stays()}
    OR EXISTS (SELECT 1 FROM cases c WHERE c.sale_id = s.sale_id
        AND (c.state = 'open' OR substr(c.closed_at, 1, 10) >= :quiet))
    OR s.sale_id IN (SELECT coalesce(r.sale_id, a.sale_id, c.sale_id, '') FROM print_jobs j
        LEFT JOIN refunds r ON r.refund_id = j.refund_id
        LEFT JOIN applications a ON a.number = j.application
        LEFT JOIN cases c ON c.case_id = j.case_id
        WHERE j.state IN ('ready', 'sending', 'unknown'))"""
NEXT: Final = f"""SELECT s.rowid, s.sold_ts, s.sale_id, {_STAYS} AS stays FROM sales s
    WHERE s.sold_ts < :before AND (s.sold_ts, s.rowid) > (:sold_ts, :rowid)
    ORDER BY s.sold_ts, s.rowid LIMIT {CHUNK}"""
AGAIN: Final = f"""SELECT s.sale_id, s.import_id, s.content FROM sales s
    WHERE s.sale_id IN (SELECT value FROM json_each(:keys)) AND NOT ({_STAYS})"""
_OF_SALES: Final = purges.OF_SALES
_OF_APPLICATIONS: Final = f"application IN (SELECT number FROM applications WHERE {_OF_SALES})"
_OF_REFUNDS: Final = purges.OF_REFUNDS
_TOLD: Final = {"applications": "number", "refunds": "refund_id", "cases": "case_id"}
"""Tables whose rows have entries of their own: the purge names those that went."""
_NOTHING: Final[Mapping[str, str | int]] = {
    "sales": 0,
    "events": 0,
    "outcome_files": 0,
    **dict.fromkeys(_TOLD, ""),
}
_FIRST: Final = -(2**62)
"""Before every moment in Unix seconds."""
DELETED: Final = (
    ("print_jobs", _OF_REFUNDS),
    ("print_jobs", _OF_APPLICATIONS),
    ("print_jobs", f"case_id IN (SELECT case_id FROM cases WHERE {_OF_SALES})"),
    ("closings", f"case_id IN (SELECT case_id FROM cases WHERE {_OF_SALES})"),
    ("cases", _OF_SALES),
    *((gone.table, gone.where) for gone in shelf.goes()),
    ("findings", _OF_REFUNDS),
    ("outcomes", _OF_REFUNDS),
    ("messages", _OF_REFUNDS),
    ("application_items", _OF_APPLICATIONS),
    ("decisions", _OF_APPLICATIONS),
    ("approvals", _OF_APPLICATIONS),
    ("refunds", _OF_SALES),
    ("applications", _OF_SALES),
    ("feed_events", _OF_SALES),
    ("lines", _OF_SALES),
    ("tenders", _OF_SALES),
    ("sales", _OF_SALES),
)
"""Everything that hangs on a sale, what refers to others first."""
EVENTS: Final = f"""SELECT event_key, at_ts FROM feed_events e
    WHERE at_ts < :before AND (at_ts, event_key) > (:at_ts, :key)
    AND (sale_id IS NULL OR NOT EXISTS (SELECT 1 FROM sales s WHERE s.sale_id = e.sale_id))
    ORDER BY at_ts, event_key LIMIT {CHUNK}"""
"""Those that wait for a sale which is not taken in any more, and closed batches."""
OUTCOME_FILES: Final = f"""SELECT file_id FROM outcome_files f
    WHERE file_id > :last AND substr(at, 1, 10) < :before AND NOT EXISTS (
    SELECT 1 FROM outcomes o WHERE o.file_id = f.file_id AND o.refund_id IS NOT NULL)
    ORDER BY file_id LIMIT {CHUNK}"""
"""The acquirer's files that no refund in the ledger is told of by any more."""


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
        """Delete those that may still go; how many."""
        values = self._values(step.db) | {"keys": msgspec.json.encode(found).decode()}
        rows = step.db.execute(AGAIN, values).fetchall()
        if not rows:
            return 0
        keys = msgspec.json.encode([row["sale_id"] for row in rows]).decode()
        contents = _contents(rows)
        events = f"SELECT import_id, content FROM feed_events WHERE {_OF_SALES}"
        for row in step.db.execute(events, {"keys": keys}):
            contents[row["import_id"]].append(row["content"])
        gone = {table: _numbers(step, table, number, keys) for table, number in _TOLD.items()}
        for table, where in DELETED:
            step.db.execute(f"DELETE FROM {table} WHERE {where}", {"keys": keys})
        _take_off(step, contents)
        _write_down(step, self._before, {"sales": len(rows), **gone})
        return len(rows)

    def _values(self, db: sqlite3.Connection) -> dict[str, str | int]:
        terminal = db.execute("SELECT value FROM meta WHERE key = 'terminal_id'").fetchone()
        return {
            "before": int(self._before.timestamp()),
            "quiet": self._quiet,
            "terminal": terminal[0],
            "batch": stan.current(db)[1],
        }


class PurgeEvents:
    """Events of the feed that no sale in the ledger is concerned by any more."""

    name = purges.SALES

    def __init__(self, before: datetime) -> None:
        self._before = before
        self._at = (_FIRST, "")

    def find(self, db: sqlite3.Connection) -> Sequence[str] | None:
        """Keys of the next ones; None at the end."""
        values = {"before": int(self._before.timestamp()), "at_ts": self._at[0], "key": self._at[1]}
        rows = db.execute(EVENTS, values).fetchall()
        if not rows:
            return None
        self._at = (rows[-1]["at_ts"], rows[-1]["event_key"])
        return [row["event_key"] for row in rows]

    def write(self, step: Step, found: Sequence[str]) -> int:
        """Delete them; how many."""
        keys = {"keys": msgspec.json.encode(found).decode()}
        where = "event_key IN (SELECT value FROM json_each(:keys))"
        rows = step.db.execute(
            f"SELECT import_id, content FROM feed_events WHERE {where}",
            keys,
        ).fetchall()
        step.db.execute(f"DELETE FROM feed_events WHERE {where}", keys)
        _take_off(step, _contents(rows))
        _write_down(step, self._before, {"events": len(rows)})
        return len(rows)


class PurgeOutcomes:
    """Files of the acquirer, with what they told of requests that the ledger never knew."""

    name = purges.SALES

    def __init__(self, before: datetime) -> None:
        self._before = before
        self._last = 0

    def find(self, db: sqlite3.Connection) -> Sequence[int] | None:
        """Numbers of the next ones; None at the end."""
        values = {"last": self._last, "before": self._before.date().isoformat()}
        rows = db.execute(OUTCOME_FILES, values).fetchall()
        if not rows:
            return None
        self._last = rows[-1]["file_id"]
        return [row["file_id"] for row in rows]

    def write(self, step: Step, found: Sequence[int]) -> int:
        """Delete them; how many."""
        keys = {"keys": msgspec.json.encode(found).decode()}
        for table in ("outcomes", "outcome_files"):
            where = "file_id IN (SELECT value FROM json_each(:keys))"
            step.db.execute(f"DELETE FROM {table} WHERE {where}", keys)
        _write_down(step, self._before, {"outcome_files": len(found)})
        return len(found)


def _contents(rows: Sequence[sqlite3.Row]) -> dict[int, list[str]]:
    """Digests of the records, by the import that brought them."""
    found: dict[int, list[str]] = defaultdict(list)
    for row in rows:
        found[row["import_id"]].append(row["content"])
    return found


def _numbers(step: Step, table: str, number: str, keys: str) -> str:
    """Numbers of what goes with the sales, as spans."""
    sql = f"SELECT {number} FROM {table} WHERE {_OF_SALES}"
    return (NONE | (row[0] for row in step.db.execute(sql, {"keys": keys}))).text


def _take_off(step: Step, contents: dict[int, list[str]]) -> None:
    """Say anew of each import what is left of it; forget those of which nothing is."""
    for import_id, gone in contents.items():
        before = step.db.execute(
            "SELECT digest FROM imports WHERE import_id = ?", (import_id,)
        ).fetchone()[0]
        left = without(step.audit_key, before, gone)
        step.log("import", import_id=import_id, digest=left)
        if left == EMPTY:
            step.db.execute("DELETE FROM imports WHERE import_id = ?", (import_id,))
        else:
            step.db.execute(
                "UPDATE imports SET records = records - ?, digest = ? WHERE import_id = ?",
                (len(gone), left, import_id),
            )


def _write_down(step: Step, before: datetime, facts: Mapping[str, str | int]) -> None:
    """The bound never moves back, also where the retention was made longer since."""
    bound = purges.horizon(step.db)
    before = before if bound is None else max(before, bound)
    purges.write_down(step, purges.SALES, before, **{**_NOTHING, **facts})
