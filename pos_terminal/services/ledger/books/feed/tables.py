"""What the ledger has of the feed, how ``verify`` looks at it, and what goes with its sales."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final

from pos_terminal.core.sale_event import SaleEvent
from pos_terminal.core.words import Failure
from pos_terminal.services.ledger import purges
from pos_terminal.services.ledger.books import sales
from pos_terminal.services.ledger.books.book import (
    Book,
    Gone,
    HeldBy,
    Invariant,
    Log,
    Numbered,
)
from pos_terminal.services.ledger.books.feed import refusals
from pos_terminal.services.ledger.books.feed.digests import EMPTY, digest_of_many, without
from pos_terminal.services.ledger.books.feed.writes import record
from pos_terminal.services.ledger.names import Names
from pos_terminal.services.ledger.step import Step

_TABLES: Final = """
CREATE TABLE imports (
    import_id INTEGER PRIMARY KEY AUTOINCREMENT,
    at TEXT NOT NULL,
    source TEXT NOT NULL,
    records INTEGER NOT NULL,
    digest TEXT NOT NULL
) STRICT;

CREATE TABLE feed_events (
    event_key TEXT PRIMARY KEY,
    kind TEXT NOT NULL REFERENCES sale_events,
    sale_id TEXT,
    leg INTEGER,
    amount INTEGER CHECK (amount >= 0),
    items TEXT CHECK (items IS NULL OR json_valid(items)),
    counted INTEGER NOT NULL DEFAULT 0 CHECK (counted BETWEEN 0 AND coalesce(amount, 0)),
    counted_items TEXT CHECK (counted_items IS NULL OR json_valid(counted_items)),
    terminal_id TEXT,
    batch TEXT,
    at TEXT NOT NULL,
    at_ts INTEGER NOT NULL,
    content TEXT NOT NULL,
    import_id INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX feed_events_sale ON feed_events (sale_id) WHERE sale_id IS NOT NULL;
CREATE INDEX feed_events_batch ON feed_events (terminal_id, batch) WHERE batch IS NOT NULL;
CREATE INDEX feed_events_age ON feed_events (at_ts);
"""
_IMPORTED: Final = f"""SELECT s.import_id, {sales.RECORD} AS record FROM sales s
    WHERE s.import_id IS NOT NULL"""
_EVENTS: Final = "SELECT * FROM feed_events"
_WAITING: Final = """SELECT event_key FROM feed_events e WHERE (counted != 0
    OR counted_items IS NOT NULL) AND NOT EXISTS (SELECT 1 FROM sales s
    WHERE s.sale_id = e.sale_id) LIMIT 1"""
"""Nothing of it is counted yet."""
_CHUNK: Final = 20
LEFT_OVER: Final = f"""SELECT event_key, at_ts FROM feed_events e
    WHERE at_ts < :before AND (at_ts, event_key) > (:at_ts, :key)
    AND (sale_id IS NULL OR NOT EXISTS (SELECT 1 FROM sales s WHERE s.sale_id = e.sale_id))
    ORDER BY at_ts, event_key LIMIT {_CHUNK}"""
"""Those that wait for a sale which is not taken in any more, and closed batches."""
_FIRST: Final = -(2**62)
"""Before every moment in Unix seconds."""


def _witness(db: sqlite3.Connection, log: Log) -> None:
    """Every sale has the key and the content that its import gave it; none is missing or added.

    An import's newest entry counts: a purge says there what is left of it.
    """
    counted: dict[int, str] = defaultdict(lambda: EMPTY)

    def count(number: int, told: str) -> None:
        counted[number] = digest_of_many(log.key, [told], counted[number])

    for row in db.execute(_IMPORTED):
        count(row["import_id"], row["record"])
    for row in db.execute(_EVENTS):
        count(row["import_id"], record(row))
        if int(datetime.fromisoformat(row["at"]).timestamp()) != row["at_ts"]:
            raise Failure("ledger.tampered", what="time of an event")
    facts = ("at", "source", "records", "digest")
    logged = {
        entry["import_id"]: tuple(entry[name] for name in facts) for entry in log.entries["import"]
    }
    logged = {number: told for number, told in logged.items() if told[-1] != EMPTY}
    sql = "SELECT import_id, at, source, records, digest FROM imports"
    noted = {number: tuple(told) for number, *told in db.execute(sql)}
    digests = {number: told[-1] for number, told in noted.items()}
    if logged != noted or counted != digests:
        raise Failure("ledger.tampered", what="imported sales")
    refusals.check(db, log)


def _parting(step: Step, values: Mapping[str, str]) -> None:
    """These sales go: say anew of each import what is left of it."""
    told = step.db.execute(f"{_IMPORTED} AND {purges.OF_SALES}", values).fetchall()
    events = step.db.execute(f"{_EVENTS} WHERE {purges.OF_SALE_IDS}", values).fetchall()
    gone = [(row["import_id"], row["record"]) for row in told]
    take_off(step, gone + _records(events))


def _records(events: Iterable[sqlite3.Row]) -> list[tuple[int, str]]:
    return [(row["import_id"], record(row)) for row in events]


def take_off(step: Step, gone: Iterable[tuple[int, str]]) -> None:
    """Say anew of each import what is left of it; forget those of which nothing is."""
    by_import: dict[int, list[str]] = defaultdict(list)
    for import_id, told in gone:
        by_import[import_id].append(told)
    for import_id, records in by_import.items():
        sql = "SELECT at, source, digest, records FROM imports WHERE import_id = ?"
        before = step.db.execute(sql, (import_id,)).fetchone()
        left, count = without(step.audit_key, before["digest"], records), len(records)
        step.log(
            "import",
            import_id=import_id,
            at=before["at"],
            source=before["source"],
            records=before["records"] - count,
            digest=left,
        )
        if left == EMPTY:
            step.db.execute("DELETE FROM imports WHERE import_id = ?", (import_id,))
        else:
            step.db.execute(
                "UPDATE imports SET records = records - ?, digest = ? WHERE import_id = ?",
                (count, left, import_id),
            )


class LeftOverEvents:
    """Events of the feed that no sale in the ledger is concerned by any more."""

    fact = "events"
    table = ""

    def __init__(self, before: datetime) -> None:
        self._before = before
        self._at = (_FIRST, "")

    def find(self, db: sqlite3.Connection) -> Sequence[str] | None:
        """Keys of the next ones; None at the end."""
        values = {"before": int(self._before.timestamp()), "at_ts": self._at[0], "key": self._at[1]}
        found = db.execute(LEFT_OVER, values).fetchall()
        if not found:
            return None
        self._at = (found[-1]["at_ts"], found[-1]["event_key"])
        return [row["event_key"] for row in found]

    def delete(self, step: Step, found: Sequence[str]) -> None:
        keys = {"keys": purges.as_list(found)}
        where = "event_key IN (SELECT value FROM json_each(:keys))"
        gone = step.db.execute(f"{_EVENTS} WHERE {where}", keys).fetchall()
        step.db.execute(f"DELETE FROM feed_events WHERE {where}", keys)
        take_off(step, _records(gone))


BOOK: Final = Book(
    names=(Names.of("sale_events", SaleEvent),),
    tables=_TABLES + refusals.TABLES,
    entries={"import": HeldBy("import_id", "imports", "import_id"), **refusals.ENTRIES},
    witness=_witness,
    invariants=(Invariant("event before its sale", _WAITING),),
    numbered=(Numbered("refusals", "refusal_id", of_sale=False),),
    goes=(Gone("feed_events", purges.OF_SALE_IDS),),
    parting=_parting,
    leftovers=(LeftOverEvents, refusals.OldRefusals),
)
