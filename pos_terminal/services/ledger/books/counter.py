"""STAN and batch: 000001 to 999999, wrapping, persistent, unique in the batch (field 11, 60.2)."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from pos_terminal.core.batch import is_batch
from pos_terminal.core.said import Said
from pos_terminal.core.words import Failure
from pos_terminal.services.ledger import purges
from pos_terminal.services.ledger.books import sales
from pos_terminal.services.ledger.books.book import (
    ENTRY,
    MOMENT,
    Book,
    EntryFacts,
    Face,
    HeldBy,
    Listing,
    Log,
    Numbered,
    ReadFace,
)
from pos_terminal.services.ledger.names import Names
from pos_terminal.services.ledger.step import Step

_TABLES: Final = """
CREATE TABLE counter (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    stan INTEGER NOT NULL CHECK (stan BETWEEN 0 AND 999999),
    batch TEXT NOT NULL CHECK (length(batch) = 6 AND batch NOT GLOB '*[^0-9]*'
        AND batch != '000000'),
    stopped TEXT REFERENCES stops
) STRICT;

CREATE TABLE drawn_stans (
    drawn_id INTEGER PRIMARY KEY AUTOINCREMENT,
    batch TEXT NOT NULL,
    stan TEXT NOT NULL,
    at TEXT NOT NULL,
    UNIQUE (batch, stan)
) STRICT;

CREATE TABLE sign_ons (batch TEXT NOT NULL, stan TEXT NOT NULL, PRIMARY KEY (batch, stan)) STRICT;
"""
_LIST: Final = """SELECT drawn_id, batch, stan, at FROM drawn_stans
    ORDER BY drawn_id DESC LIMIT :limit"""
_CHUNK: Final = 500
LEFT_OVER: Final = f"""SELECT drawn_id FROM drawn_stans
    WHERE drawn_id > :last AND substr(at, 1, 10) < :before
    AND batch != (SELECT batch FROM counter WHERE id = 1) ORDER BY drawn_id LIMIT {_CHUNK}"""
"""Those of closed batches, as old as sales that are not kept any more."""
_DRAWN: Final = ("number", "batch", "stan", MOMENT)
"""Facts of an entry, in the order of the columns."""

STOPS: Final = (Said.MERCHANT_UNKNOWN, Said.TERMINAL_UNKNOWN)
"""What an acquirer says that stops trade, over a restart as well."""
LAST: Final = 999_999
FIRST_BATCH: Final = "000001"
JUMP: Final = 100
"""How far the STAN jumps after 94: past what a confused host or till may have used."""


def current(db: sqlite3.Connection) -> tuple[int, str]:
    """The last STAN taken, and the batch."""
    row = db.execute("SELECT stan, batch FROM counter WHERE id = 1").fetchone()
    return row["stan"], row["batch"]


def draw(step: Step) -> tuple[str, str]:
    """The next STAN that nothing known of this batch has, and the batch.

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
        OR EXISTS (SELECT 1 FROM drawn_stans WHERE batch = ?1 AND stan = ?2)
        OR EXISTS (SELECT 1 FROM outcomes WHERE batch = ?1 AND stan = ?2)
        OR EXISTS (SELECT 1 FROM sign_ons WHERE batch = ?1 AND stan = ?2)
        OR EXISTS (SELECT 1 FROM sales
            WHERE trace = ?2 AND trace != '' AND terminal_id = ?3 AND batch = ?1)
        OR EXISTS (SELECT 1 FROM tenders
            WHERE trace = ?2 AND trace != '' AND terminal_id = ?3 AND batch = ?1)""",
        (batch, stan, step.home.terminal_id),
    )
    return bool(taken.fetchone()[0])


def draw_for_till(step: Step) -> tuple[str, str]:
    """The same for a till on this machine: what the acquirer has under it is the till's (R10)."""
    stan, batch = draw(step)
    number = step.insert(
        "INSERT INTO drawn_stans (batch, stan, at) VALUES (?, ?, ?)",
        (batch, stan, step.now.isoformat()),
    )
    step.log("stan_drawn", number=number, batch=batch, stan=stan)
    return stan, batch


def _witness(db: sqlite3.Connection, log: Log) -> None:
    logged = log.of_kept("stan_drawn", "number", "drawn_stans", *_DRAWN)
    stored = db.execute("SELECT drawn_id, batch, stan, at FROM drawn_stans")
    if logged != sorted(map(tuple, stored)):
        raise Failure("ledger.tampered", what="trace numbers drawn by a till")
    row = db.execute("SELECT stan, batch, stopped FROM counter").fetchone()
    for stored_now, told in zip(row, (_last_drawn(log), *_batch_and_stop(log)), strict=True):
        if told is not _UNTOLD and stored_now != told:
            raise Failure("ledger.tampered", what="counter of trace numbers and batches")
    began = max((e[ENTRY] for e in log.entries["batch"] if e["old"] != e["new"]), default=0)
    drawn = {
        (e["batch"], e["stan"])
        for e in log.entries["draw_stan"]
        if e[ENTRY] > began and e["batch"] == row[1]
    }
    if drawn != set(map(tuple, db.execute("SELECT batch, stan FROM sign_ons"))):
        raise Failure("ledger.tampered", what="trace numbers of sign-ons")


_UNTOLD: Final = object()
"""The entry that would say it was purged."""
_FRESH: Final[EntryFacts] = {"new": FIRST_BATCH}
"""Of a ledger in which nothing was said of it yet."""


def _last_drawn(log: Log) -> object:
    """What the newest entry says that moved the STAN: a seal, a till's, a sign-on's, a jump, a
    sale of this terminal's batch."""
    kinds = ("stan_drawn", "draw_stan", "stan_jump", "import")
    moved = [one for kind in kinds for one in log.entries[kind] if one.get("stan") is not None]
    moved += [one for one in log.entries["refund"] if "request" in one]
    newest = max(moved, key=lambda entry: int(entry[ENTRY]), default=None)
    if newest is None and not log.newest_gone:
        return 0
    if newest is None or newest[ENTRY] <= log.newest_gone:
        return _UNTOLD
    return int(newest["stan"])


def _batch_and_stop(log: Log) -> tuple[object, object]:
    batch, stop = log.newest("batch"), log.newest("trade_stopped", "trade_resumed")
    return (
        _UNTOLD if batch is None and log.newest_gone else (batch or _FRESH)["new"],
        _UNTOLD if stop is None and log.newest_gone else (stop or _FRESH).get("why"),
    )


class LeftOverDrawn:
    """Numbers that tills drew, so old that no file of the acquirer tells of them any more."""

    fact = "drawn"
    table = "drawn_stans"

    def __init__(self, before: datetime) -> None:
        self._before = before.date().isoformat()
        self._last = 0

    def find(self, db: sqlite3.Connection) -> Sequence[int] | None:
        """Numbers of the next ones; None at the end."""
        values = {"last": self._last, "before": self._before}
        found = [row["drawn_id"] for row in db.execute(LEFT_OVER, values)]
        if not found:
            return None
        self._last = found[-1]
        return found

    def delete(self, step: Step, found: Sequence[int]) -> None:
        where = "drawn_id IN (SELECT value FROM json_each(:keys))"
        step.db.execute(f"DELETE FROM drawn_stans WHERE {where}", {"keys": purges.as_list(found)})


def _draw_for_sign_on(step: Step) -> str:
    """Nor is it handed out again once the numbers come round in this batch."""
    stan, batch = draw(step)
    step.db.execute("INSERT INTO sign_ons VALUES (?, ?)", (batch, stan))
    step.log("draw_stan", batch=batch, stan=stan)
    return stan


_OWN: Final = """SELECT 1 FROM audit WHERE kind = 'draw_stan' AND facts ->> 'batch' = ?
    AND facts ->> 'stan' = ? LIMIT 1"""


def drew_for_itself(db: sqlite3.Connection, batch: str, stan: str) -> bool:
    """Whether this terminal drew the number for a message that pays nothing: a sign-on, an echo.
    Of closed batches, too, as long as the log has it."""
    return db.execute(_OWN, (batch, stan)).fetchone() is not None


def stop(step: Step, why: Said) -> None:
    """The acquirer does not know this merchant or terminal."""
    step.db.execute("UPDATE counter SET stopped = ? WHERE id = 1", (why,))
    step.log("trade_stopped", why=why)


def _resume(step: Step) -> None:
    step.db.execute("UPDATE counter SET stopped = NULL WHERE id = 1")
    step.log("trade_resumed")


def raise_above(step: Step, trace: str) -> int:
    """A sale application on this Pi used ``trace`` in the current batch: stay above it (R10).

    What the STAN is now.
    """
    step.db.execute("UPDATE counter SET stan = max(stan, ?) WHERE id = 1", (int(trace),))
    return current(step.db)[0]


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
    if not is_batch(batch):
        raise ValueError(f"a batch number has six digits and is not zero: {batch!r}")
    if batch != old:
        step.db.execute("UPDATE counter SET batch = ? WHERE id = 1", (batch,))
        step.db.execute("DELETE FROM sign_ons WHERE batch != ?", (batch,))
        sales.close_batch(step, step.home.terminal_id, old)
    step.log("batch", old=old, new=batch)


class CounterReads(ReadFace):
    """Fulfils ``ports.CounterReads``."""

    def batch(self) -> str:
        return current(self._reads.db)[1]

    def was_drawn(self, batch: str, stan: str) -> bool:
        sql = "SELECT 1 FROM drawn_stans WHERE batch = ? AND stan = ?"
        return bool(self._rows(sql, batch, stan))

    def stopped(self) -> Said | None:
        row = self._reads.db.execute("SELECT stopped FROM counter WHERE id = 1").fetchone()
        return None if row["stopped"] is None else Said(row["stopped"])


class Counter(Face, CounterReads):
    """Fulfils ``ports.Counter``."""

    async def draw(self) -> str:
        return await self._door.step("draw_stan", _draw_for_sign_on)

    async def resume(self) -> None:
        await self._door.step("resume_trade", _resume)

    async def draw_for_till(self) -> tuple[str, str]:
        return await self._door.step("draw_for_till", draw_for_till)

    async def resequence(self, batch: str | None = None) -> None:
        await self._door.step("resequence", lambda step: resequence(step, batch))


BOOK: Final = Book(
    names=(Names.of("stops", STOPS),),
    tables=_TABLES,
    rows={"counter": {"id": 1, "stan": 0, "batch": FIRST_BATCH}},
    entries={
        "stan_drawn": HeldBy("number", "drawn_stans", "drawn_id"),
        "draw_stan": HeldBy("stan", "sign_ons", "stan"),
    },
    told=("batch", "stan_jump", "trade_stopped", "trade_resumed"),
    witness=_witness,
    numbered=(Numbered("drawn_stans", "drawn_id", of_sale=False),),
    leftovers=(LeftOverDrawn,),
    lists=(Listing(name="drawn_stans", sql=_LIST, columns=("drawn_id", "batch", "stan", "at")),),
    heading="SELECT batch, printf('%06d', stan) AS stan, stopped FROM counter",
)
