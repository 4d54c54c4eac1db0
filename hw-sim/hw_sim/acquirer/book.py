"""The acquirer's own ledger: sales, what was given back, and the answers it remembers.

SQLite in memory, or in a file so that it survives a restart. Everything runs on one thread.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from hw_sim.acquirer.records import RecordError, SaleRecord

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS sale (
  id INTEGER PRIMARY KEY, sale_id TEXT NOT NULL, pan TEXT NOT NULL, amount INTEGER NOT NULL,
  currency TEXT NOT NULL, rrn TEXT NOT NULL, auth_code TEXT, batch TEXT NOT NULL,
  trace TEXT NOT NULL, terminal_id TEXT NOT NULL, merchant_id TEXT NOT NULL,
  sold_at TEXT NOT NULL, UNIQUE (rrn, merchant_id)) STRICT;
CREATE TABLE IF NOT EXISTS adjustment (
  id INTEGER PRIMARY KEY, sale INTEGER NOT NULL REFERENCES sale, total INTEGER NOT NULL,
  at TEXT NOT NULL, given_back INTEGER NOT NULL) STRICT;
CREATE INDEX IF NOT EXISTS adjustment_sale ON adjustment (sale, at);
CREATE TABLE IF NOT EXISTS account (pan TEXT NOT NULL, par TEXT NOT NULL, UNIQUE (pan, par)) STRICT;
CREATE TABLE IF NOT EXISTS entry (
  id INTEGER PRIMARY KEY, kind TEXT NOT NULL, terminal_id TEXT NOT NULL,
  merchant_id TEXT NOT NULL, batch TEXT NOT NULL, stan TEXT NOT NULL, rrn TEXT NOT NULL,
  original_rrn TEXT, sale INTEGER REFERENCES sale, amount INTEGER NOT NULL, paid INTEGER NOT NULL,
  response TEXT NOT NULL, state TEXT NOT NULL, at TEXT NOT NULL) STRICT;
CREATE INDEX IF NOT EXISTS entry_sale ON entry (sale);
CREATE INDEX IF NOT EXISTS entry_key ON entry (terminal_id, merchant_id, batch, stan);
CREATE TABLE IF NOT EXISTS answer (
  key TEXT PRIMARY KEY, content TEXT NOT NULL, fields TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS session (terminal_id TEXT PRIMARY KEY, mak BLOB, batch TEXT) STRICT;
CREATE TABLE IF NOT EXISTS counter (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT;
"""
_AMOUNT: Final = """coalesce((SELECT total FROM adjustment a WHERE a.sale = sale.id
    ORDER BY at DESC, id DESC LIMIT 1), amount) AS amount"""
"""The newest total of a payment that was adjusted."""
_GIVEN_BACK: Final = "(SELECT coalesce(sum(paid), 0) FROM entry WHERE sale = sale.id)"


@dataclass(frozen=True, slots=True)
class Sold:
    """A card payment in the book, with what was given back of it."""

    id: int
    pan: str = field(repr=False)
    amount: int
    currency: str
    rrn: str
    auth_code: str | None
    batch: str
    trace: str
    terminal_id: str
    merchant_id: str
    sold_at: datetime
    given_back: int
    refunds: int
    """How many of it were accepted, and not reversed."""
    voided: bool


@dataclass(frozen=True, slots=True)
class Key:
    """What makes a message unique: fields 41, 42, 60.2 and 11."""

    terminal_id: str
    merchant_id: str
    batch: str
    stan: str


@dataclass(frozen=True, slots=True)
class Entry:
    """A void, refund or reversal as the book keeps it. ``paid``: minor units to the card."""

    kind: str
    key: Key
    rrn: str
    original_rrn: str | None
    sale: int | None
    amount: int
    paid: int
    response: str
    state: str
    """``accepted``, ``declined``, ``reversed``."""
    at: str
    """When it was entered, ISO 8601."""


class Book:
    """See the module's text. ``path`` None is a book in memory."""

    def __init__(self, path: Path | None = None, *, cache_kib: int = 2000) -> None:
        self._db = sqlite3.connect(":memory:" if path is None else path, isolation_level=None)
        # a killed process loses nothing; a power cut of the bench is nobody's case
        self._db.execute("PRAGMA synchronous = OFF")
        self._db.execute(f"PRAGMA cache_size = -{cache_kib}")
        self._db.executescript(_SCHEMA)

    def close(self) -> None:
        self._db.close()

    def image(self) -> bytes:
        """The whole book as it is now: the content of a file that ``Book`` opens."""
        return self._db.serialize()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All of it, or nothing when an exception passes."""
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    # --- sales ---

    def add_sales(self, records: Iterable[SaleRecord]) -> int:
        """How many were new; a payment that is already there stays as it is.

        RecordError where another payment has that RRN: each has its own.
        """
        with self.transaction():
            return sum(self.insert_sale(record) for record in records)

    def insert_sale(self, sale: SaleRecord) -> bool:
        """One payment, inside the caller's transaction; False where it is there already."""
        row = _row(sale)
        known = self._db.execute(
            "SELECT * FROM sale WHERE rrn = ? AND merchant_id = ?", (sale.rrn, sale.merchant_id)
        ).fetchone()
        if known is not None and known[1:] != row:
            raise RecordError(f"sale {sale.sale_id}: RRN {sale.rrn} is another payment's")
        if known is None:
            self._db.execute("INSERT INTO sale VALUES (NULL,?,?,?,?,?,?,?,?,?,?,?)", row)
        self._db.executemany("INSERT OR IGNORE INTO account VALUES (?,?)", _accounts(sale))
        return known is None

    def sale(self, rrn: str, merchant_id: str) -> Sold | None:
        """The card payment with this RRN."""
        rows = self._rows(
            f"SELECT id, pan, {_AMOUNT}, currency, rrn, auth_code, batch, trace, terminal_id,"  # noqa: S608 - our own words
            f" merchant_id, sold_at, {_GIVEN_BACK} AS given_back,"
            " (SELECT count(*) FROM entry WHERE sale = sale.id AND kind = 'refund'"
            " AND state = 'accepted') AS refunds,"
            " EXISTS (SELECT 1 FROM entry WHERE sale = sale.id AND kind = 'void'"
            " AND state = 'accepted') AS voided"
            " FROM sale WHERE rrn = ? AND merchant_id = ?",
            rrn,
            merchant_id,
        )
        for row in rows:
            sold_at = datetime.fromisoformat(row["sold_at"])
            return Sold(**row | {"sold_at": sold_at, "voided": bool(row["voided"])})
        return None

    def adjust(self, rrn: str, merchant_id: str, total: int, at: datetime) -> None:
        """The payment is of another amount since ``at``; of several the latest counts, whichever
        comes first. Below what was given back, too: then no more goes back. KeyError."""
        sold = self.sale(rrn, merchant_id)
        if sold is None:
            raise KeyError(rrn)
        when = at.astimezone(UTC).isoformat(timespec="seconds")
        self._db.execute(
            "INSERT INTO adjustment VALUES (NULL,?,?,?,?)", (sold.id, total, when, sold.given_back)
        )

    def adjustments(self) -> list[dict[str, Any]]:
        """In the order in which they became known here. ``given_back``: of the payment, then."""
        return self._rows(
            "SELECT rrn, total, adjustment.at, given_back FROM adjustment"
            " JOIN sale ON sale.id = adjustment.sale ORDER BY adjustment.id"
        )

    def same_account(self, pan: str, other: str) -> bool:
        """Whether both numbers are one account's: equal, or with a PAR in common."""
        if pan == other:
            return True
        found = self._db.execute(
            "SELECT 1 FROM account a JOIN account b ON a.par = b.par WHERE a.pan = ? AND b.pan = ?",
            (pan, other),
        ).fetchone()
        return found is not None

    # --- what was given back ---

    def enter(self, entry: Entry) -> None:
        key = entry.key
        self._db.execute(
            "INSERT INTO entry VALUES (NULL,?,?,?,?,?,?,?,?,?,?,?,?,?)",
            (
                entry.kind,
                key.terminal_id,
                key.merchant_id,
                key.batch,
                key.stan,
                entry.rrn,
                entry.original_rrn,
                entry.sale,
                entry.amount,
                entry.paid,
                entry.response,
                entry.state,
                entry.at,
            ),
        )

    def accepted(self, key: Key) -> int | None:
        """The number of the accepted void or refund with this key."""
        return self._first("kind <> 'reversal' AND state = 'accepted'", key)

    def was_reversed(self, key: Key) -> bool:
        """Whether a reversal with this key was acknowledged, its original found or not."""
        return self._first("kind = 'reversal'", key) is not None

    def reverse(self, number: int, at: str) -> None:
        """Undo an accepted entry: nothing is paid by it any more, and its sale stands again."""
        self._db.execute(
            "UPDATE entry SET state = 'reversed', paid = 0, at = ? WHERE id = ?", (at, number)
        )

    def amount_of(self, number: int) -> int:
        (amount,) = self._db.execute("SELECT amount FROM entry WHERE id = ?", (number,)).fetchone()
        return int(amount)

    def _first(self, condition: str, key: Key) -> int | None:
        row = self._db.execute(
            f"SELECT id FROM entry WHERE terminal_id = ? AND merchant_id = ? AND batch = ?"  # noqa: S608 - our own words
            f" AND stan = ? AND {condition} ORDER BY id DESC LIMIT 1",
            (key.terminal_id, key.merchant_id, key.batch, key.stan),
        ).fetchone()
        return None if row is None else int(row[0])

    def ledger(self) -> list[dict[str, Any]]:
        """Every sale, then everything given back or refused, in order."""
        sales = self._rows(
            "SELECT 'sale' AS kind, terminal_id, batch, trace AS stan, rrn,"  # noqa: S608 - our own words
            f" NULL AS original_rrn, {_AMOUNT}, 0 AS paid, CASE WHEN EXISTS (SELECT 1 FROM entry"
            " WHERE sale = sale.id AND kind = 'void' AND state = 'accepted')"
            " THEN 'voided' ELSE 'approved' END AS state,"
            f" {_GIVEN_BACK} AS given_back FROM sale ORDER BY id"
        )
        entries = self._rows(
            "SELECT kind, terminal_id, batch, stan, rrn, original_rrn, amount, paid, state,"
            " response FROM entry ORDER BY id"
        )
        return sales + entries

    def entries(self) -> list[dict[str, Any]]:
        """Everything given back or refused with its time, in order."""
        return self._rows(
            "SELECT id, kind, terminal_id, merchant_id, batch, stan, rrn, amount, paid, at"
            " FROM entry ORDER BY id"
        )

    def _rows(self, query: str, *values: object) -> list[dict[str, Any]]:
        cursor = self._db.execute(query, values)
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor]

    # --- memory of answers ---

    def remembered(self, kind: str, key: Key) -> tuple[str, dict[int, str]] | None:
        """Content and answer of the message with this key; reversals are remembered apart."""
        row = self._db.execute(
            "SELECT content, fields FROM answer WHERE key = ?", (_memory_key(kind, key),)
        ).fetchone()
        return None if row is None else (row[0], {int(n): v for n, v in json.loads(row[1]).items()})

    def remember(self, kind: str, key: Key, content: str, fields: Mapping[int, str]) -> None:
        self._db.execute(
            "INSERT OR REPLACE INTO answer VALUES (?,?,?)",
            (_memory_key(kind, key), content, json.dumps(dict(fields))),
        )

    def forget_answers(self) -> None:
        """Lose the memory of answers alone; sessions and the money stay."""
        with self.transaction():
            self._db.execute("DELETE FROM answer")

    def forget(self) -> None:
        """Lose the memory of answers and sessions; the money stays in the book."""
        with self.transaction():
            self._db.execute("DELETE FROM answer")
            self._db.execute("UPDATE session SET mak = NULL")

    # --- sessions and numbers ---

    def mak(self, terminal_id: str) -> bytes | None:
        row = self._session(terminal_id)
        return None if row is None else row[0]

    def batch(self, terminal_id: str) -> str | None:
        """The batch begun here; None while it is still the one of the terminal's keys."""
        row = self._session(terminal_id)
        return None if row is None else row[1]

    def set_mak(self, terminal_id: str, mak: bytes | None) -> None:
        self._db.execute(
            "INSERT INTO session VALUES (?, ?, NULL)"
            " ON CONFLICT (terminal_id) DO UPDATE SET mak = excluded.mak",
            (terminal_id, mak),
        )

    def set_batch(self, terminal_id: str, batch: str) -> None:
        self._db.execute(
            "INSERT INTO session VALUES (?, NULL, ?)"
            " ON CONFLICT (terminal_id) DO UPDATE SET batch = excluded.batch",
            (terminal_id, batch),
        )

    def _session(self, terminal_id: str) -> Sequence[Any] | None:
        row: Sequence[Any] | None = self._db.execute(
            "SELECT mak, batch FROM session WHERE terminal_id = ?", (terminal_id,)
        ).fetchone()
        return row

    def next_number(self, name: str) -> int:
        """1, 2, 3 … for ever."""
        (value,) = self._db.execute(
            "INSERT INTO counter VALUES (?, 1)"
            " ON CONFLICT (name) DO UPDATE SET value = value + 1 RETURNING value",
            (name,),
        ).fetchone()
        return int(value)


def _row(sale: SaleRecord) -> tuple[Any, ...]:
    return (
        sale.sale_id,
        sale.pan,
        sale.amount,
        sale.currency,
        sale.rrn,
        sale.auth_code,
        sale.batch,
        sale.trace,
        sale.terminal_id,
        sale.merchant_id,
        sale.sold_at.isoformat(),
    )


def _accounts(sale: SaleRecord) -> list[tuple[str, str]]:
    """PAN and PAR; numbers given with ``also`` and no PAR share one made of the sale's."""
    par = sale.par or f"sale:{sale.sale_id}:{sale.rrn}"
    return [(pan, par) for pan in (sale.pan, *(account.pan for account in sale.also))]


def _memory_key(kind: str, key: Key) -> str:
    apart = "reversal" if kind == "reversal" else "original"
    return "|".join((apart, key.terminal_id, key.merchant_id, key.batch, key.stan))
