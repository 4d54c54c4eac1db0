"""What the feed brought: its files, and events about sales and batches (R8, R9).

Each import has one digest over the records that it brought, so that a sale added, changed or taken
away behind the ledger's back is missed. What a file changes goes beyond these tables: it is written
by ``importing``, which is given to the face.
"""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Final

import msgspec

from pos_terminal.core.digest import digest
from pos_terminal.core.sale_event import SaleEvent
from pos_terminal.core.words import Failure
from pos_terminal.ports import Tokens
from pos_terminal.services.ledger import purges
from pos_terminal.services.ledger.audit import keyed
from pos_terminal.services.ledger.books import sales
from pos_terminal.services.ledger.books.book import Book, Door, Gone, HeldBy, Log
from pos_terminal.services.ledger.names import Names
from pos_terminal.services.ledger.step import Step

if TYPE_CHECKING:
    from pos_terminal.ports.books.feed import ImportReport
    from pos_terminal.wire.feed.lines import Event, Feed, Format

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
    amount INTEGER CHECK (amount > 0),
    items TEXT CHECK (items IS NULL OR json_valid(items)),
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
_CHUNK: Final = 20
LEFT_OVER: Final = f"""SELECT event_key, at_ts FROM feed_events e
    WHERE at_ts < :before AND (at_ts, event_key) > (:at_ts, :key)
    AND (sale_id IS NULL OR NOT EXISTS (SELECT 1 FROM sales s WHERE s.sale_id = e.sale_id))
    ORDER BY at_ts, event_key LIMIT {_CHUNK}"""
"""Those that wait for a sale which is not taken in any more, and closed batches."""
_FIRST: Final = -(2**62)
"""Before every moment in Unix seconds."""


def digest_of_many(key: bytes, digests: Iterable[str], others: str = "0") -> str:
    """One digest over a set of them, and ``others``, whatever their order; of none it is ``EMPTY``.

    The sum of their HMACs modulo 2^256 (MSet-Add-Hash of Clarke and others, 2003): what is purged
    can be taken off again (``without``), and nobody without the key finds another set of that sum.
    """
    return _text(int(others, 16) + sum(_number(key, one) for one in digests))


def without(key: bytes, many: str, digests: Iterable[str]) -> str:
    """The digest of what is left of ``many`` once these are gone."""
    return _text(int(many, 16) - sum(_number(key, one) for one in digests))


def _number(key: bytes, one: str) -> int:
    return int(keyed(key, "record", one), 16)


def _text(number: int) -> str:
    return f"{number % 2**256:064x}"


EMPTY: Final = _text(0)


def add_import(step: Step, source: str, contents: Sequence[str]) -> int:
    """A file with new records; ``contents`` are their digests."""
    return step.insert(
        "INSERT INTO imports (at, source, records, digest) VALUES (?, ?, ?, ?)",
        (
            *(step.now.isoformat(), source, len(contents)),
            digest_of_many(step.audit_key, contents),
        ),
    )


def add_events(step: Step, events: Iterable[Event], import_id: int) -> None:
    """New ones of an import, through sqlite-utils."""
    from sqlite_utils import Database

    db = Database(step.db, execute_plugins=False)
    db.table("feed_events").insert_all(_event_row(event, import_id) for event in events)


def _event_row(event: Event, import_id: int) -> dict[str, object]:
    return {
        "event_key": event.key,
        "kind": event.kind,
        "sale_id": event.sale_id,
        "leg": event.leg,
        "amount": event.amount,
        "items": json.dumps(dict(event.items)) if event.items else None,
        "terminal_id": event.terminal_id,
        "batch": event.batch,
        "at": event.at.isoformat(),
        "at_ts": int(event.at.timestamp()),
        "content": event.content,
        "import_id": import_id,
    }


def _witness(db: sqlite3.Connection, log: Log) -> None:
    """Every sale is as it was imported, and none is missing or added.

    An import's newest entry counts: a purge says there what is left of it.
    """
    counted: dict[int, str] = defaultdict(lambda: EMPTY)

    def count(row: sqlite3.Row) -> None:
        number = row["import_id"]
        counted[number] = digest_of_many(log.key, [row["content"]], counted[number])

    for row in db.execute("SELECT * FROM sales"):
        _check_content(db, row)
        count(row)
    for row in db.execute("SELECT import_id, content FROM feed_events"):
        count(row)
    facts = log.entries["import"]
    logged = {f["import_id"]: f["digest"] for f in facts if f["import_id"] is not None}
    logged = {number: left for number, left in logged.items() if left != EMPTY}
    noted = dict(map(tuple, db.execute("SELECT import_id, digest FROM imports")))
    if not logged == counted == noted:
        raise Failure("ledger.tampered", what="imported sales")


def _check_content(db: sqlite3.Connection, row: sqlite3.Row) -> None:
    if digest(sales.told(db, row)) != row["content"]:
        raise Failure("ledger.tampered", what=f"sale {row['sale_id']}")


def _parting(step: Step, values: Mapping[str, str]) -> None:
    """These sales go: say anew of each import what is left of it."""
    gone = [
        row
        for table in ("sales", "feed_events")
        for row in step.db.execute(
            f"SELECT import_id, content FROM {table} WHERE {purges.OF_SALES}", values
        ).fetchall()
    ]
    _take_off(step, gone)


def _take_off(step: Step, gone: Iterable[sqlite3.Row]) -> None:
    """Say anew of each import what is left of it; forget those of which nothing is."""
    contents: dict[int, list[str]] = defaultdict(list)
    for row in gone:
        contents[row["import_id"]].append(row["content"])
    for import_id, records in contents.items():
        before = step.db.execute(
            "SELECT digest FROM imports WHERE import_id = ?", (import_id,)
        ).fetchone()[0]
        left = without(step.audit_key, before, records)
        step.log("import", import_id=import_id, digest=left)
        if left == EMPTY:
            step.db.execute("DELETE FROM imports WHERE import_id = ?", (import_id,))
        else:
            step.db.execute(
                "UPDATE imports SET records = records - ?, digest = ? WHERE import_id = ?",
                (len(records), left, import_id),
            )


class LeftOverEvents:
    """Events of the feed that no sale in the ledger is concerned by any more."""

    fact = "events"

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
        keys = {"keys": msgspec.json.encode(found).decode()}
        where = "event_key IN (SELECT value FROM json_each(:keys))"
        sql = f"SELECT import_id, content FROM feed_events WHERE {where}"
        gone = step.db.execute(sql, keys).fetchall()
        step.db.execute(f"DELETE FROM feed_events WHERE {where}", keys)
        _take_off(step, gone)


class SalesFeed:
    """Fulfils ``ports.SalesFeed``."""

    def __init__(
        self,
        door: Door,
        tokens: Tokens | None,
        take_in: Callable[[Step, Feed, str], ImportReport],
    ) -> None:
        """``take_in`` writes all that a file of a source brings; more than the feed's own."""
        self._door = door
        self._tokens = tokens
        self._take_in = take_in

    async def take_in(
        self, lines: Sequence[str], *, source: str, form: Format, allow_pan: bool
    ) -> ImportReport:
        file = await self._door.blocking(lambda: self._read(lines, form, allow_pan))
        return await self._door.step("import_sales", lambda step: self._take_in(step, file, source))

    def _read(self, lines: Sequence[str], form: Format, allow_pan: bool) -> Feed:
        from pos_terminal.wire.feed.lines import TokenMaker, read_feed

        tokens = self._tokens
        maker = None if tokens is None else TokenMaker(tokens.key_id, tokens.token)
        return read_feed(lines, form, self._door.home.merchant_id, maker, allow_pan)


BOOK: Final = Book(
    names=(Names.of("sale_events", SaleEvent),),
    tables=_TABLES,
    entries={"import": HeldBy("import_id", "imports", "import_id")},
    witness=_witness,
    goes=(Gone("feed_events", purges.OF_SALES),),
    parting=_parting,
    leftovers=(LeftOverEvents,),
)
