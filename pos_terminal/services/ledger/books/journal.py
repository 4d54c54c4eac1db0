"""The journal: whose ledger it is, every write's entry, and what was purged (R54, R55).

How entries are chained stands in ``audit``, what a purge writes down in ``purges``.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

import msgspec

from pos_terminal.core.words import Failure
from pos_terminal.ports import TakenBack
from pos_terminal.services.ledger import audit, purges
from pos_terminal.services.ledger.books.book import Aged, Book, Face, Log, ReadFace
from pos_terminal.services.ledger.step import Step

_TABLES: Final = """
CREATE TABLE meta (
    key TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE audit (
    seq INTEGER PRIMARY KEY,
    at TEXT NOT NULL,
    kind TEXT NOT NULL,
    facts TEXT,
    digest TEXT,
    prev TEXT NOT NULL,
    hash TEXT NOT NULL,
    CHECK ((facts IS NULL) = (digest IS NOT NULL))
) STRICT;

CREATE INDEX audit_withdrawn ON audit (facts ->> 'sale_key') WHERE kind = 'typed_withdrawn';
CREATE INDEX audit_drawn ON audit (facts ->> 'batch', facts ->> 'stan') WHERE kind = 'draw_stan';

CREATE TABLE purges (
    class TEXT PRIMARY KEY,
    entry INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
"""
_OWNER: Final = ("merchant_id", "terminal_id")
_TAKEN_BACK: Final = """SELECT at, facts FROM audit WHERE kind = 'typed_withdrawn'
    AND facts ->> 'sale_key' = ? ORDER BY seq"""


def owner(db: sqlite3.Connection) -> dict[str, str]:
    """Whose ledger it is: ``merchant_id`` and ``terminal_id``; nothing before its first step."""
    return dict(map(tuple, db.execute("SELECT key, value FROM meta")))


def _claim(step: Step) -> None:
    """A new ledger is this terminal's. Failure ``ledger.foreign`` where it is another's."""
    for key, ours in zip(_OWNER, (step.home.merchant_id, step.home.terminal_id), strict=True):
        step.db.execute("INSERT OR IGNORE INTO meta (key, value) VALUES (?, ?)", (key, ours))
        stored = step.db.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()[0]
        if stored != ours:
            raise Failure("ledger.foreign", what=key, found=stored, ours=ours)


def _strip(step: Step, entries: Sequence[int]) -> None:
    """Facts of entries once nothing is held against them; the chain stays whole."""
    sql = "SELECT seq, facts FROM audit WHERE seq IN (SELECT value FROM json_each(?))"
    rows = step.db.execute(sql, (purges.as_list(entries),)).fetchall()
    step.db.executemany(
        "UPDATE audit SET facts = NULL, digest = ? WHERE seq = ?",
        [
            (audit.facts_digest(step.audit_key, row["seq"], row["facts"]), row["seq"])
            for row in rows
        ],
    )


def _witness(db: sqlite3.Connection, log: Log) -> None:
    """It is whose the newest start said; the newest purge of each class is the one that the next
    goes on from."""
    opened = log.newest("opened")
    if opened is not None and {name: opened[name] for name in _OWNER} != owner(db):
        raise Failure("ledger.tampered", what="whose ledger it is")
    newest = {
        msgspec.json.decode(facts)["class"]: seq
        for seq, facts in db.execute(
            "SELECT seq, facts FROM audit WHERE kind = ? AND facts IS NOT NULL ORDER BY seq",
            (audit.PURGE,),
        )
    }
    if newest != dict(map(tuple, db.execute("SELECT class, entry FROM purges"))):
        raise Failure("ledger.tampered", what="purges")


def _taken_back(row: sqlite3.Row) -> TakenBack:
    facts = msgspec.json.decode(row["facts"])
    return TakenBack(
        at=datetime.fromisoformat(row["at"]),
        leg=facts["leg"],
        rrn=facts["rrn"],
        operator=facts["operator"],
        supervisor=facts["supervisor"],
    )


class JournalReads(ReadFace):
    """Fulfils ``ports.JournalReads``."""

    def last_at(self) -> datetime | None:
        return audit.last_at(self._reads.db)

    def head(self) -> tuple[int, str]:
        return audit.head(self._reads.db)

    def taken_back(self, sale_key: int) -> Sequence[TakenBack]:
        return [_taken_back(row) for row in self._rows(_TAKEN_BACK, sale_key)]


class Journal(Face, JournalReads):
    """Fulfils ``ports.Journal``."""

    async def note(self, kind: str, facts: Mapping[str, str | int]) -> None:
        await self._door.step(f"note.{kind}", lambda step: step.log(kind, **facts))


BOOK: Final = Book(
    tables=_TABLES,
    begins=_claim,
    told=("opened",),
    witness=_witness,
    aged=(
        Aged(
            name=purges.AUDIT,
            table="audit",
            number="seq",
            at="at",
            days=lambda retention: retention.audit_days,
            strip=_strip,
            last=True,
        ),
    ),
    stays={purges.AUDIT: "x.seq IN (SELECT entry FROM purges)"},
)
