"""The audit log: every write's entry, chained by hash so that a change or a gap shows (R55).

hash = HMAC-SHA-256(audit key, prev | seq | at | kind | digest), fields joined by newlines; the
first entry's ``prev`` is 64 zeros. ``facts`` is JSON and carries what a refund became, so that
the refunds themselves can be held against the log; digest is an HMAC of them. A purge (R54)
drops old facts and leaves their digest in their place: the chain still holds, and the digest
can't be guessed back without the key. An entry without facts is believed only where a later
``purge`` entry names it.
"""

from __future__ import annotations

import hmac
import sqlite3
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

import msgspec
from msgspec import Struct

from pos_terminal.core.words import Failure
from pos_terminal.services.ledger.spans import NONE, Spans

GENESIS: Final = "0" * 64
PURGE: Final = "purge"
"""Kind of the entries that say what was purged."""
AUDIT_CLASS: Final = "audit"
"""``class`` of those that name the entries without facts: all that there are, each time."""
CLOCK_SAID: Final = "clock_said"
"""Fact of an entry, where the clock was behind the entry before it."""
Fact = str | int | None | Sequence[Struct]


def encode_facts(facts: Mapping[str, Fact]) -> str:
    """JSON with sorted keys, so that equal facts are equal text."""
    return msgspec.json.encode(dict(facts), order="sorted").decode()


def entry_hash(key: bytes, prev: str, seq: int, *texts: str) -> str:
    """``texts`` are at, kind and the digest of the facts."""
    return keyed(key, prev, str(seq), *texts)


def facts_digest(key: bytes, seq: int, facts: str) -> str:
    """What stands for an entry's facts in its hash, and in their place once they are purged."""
    return keyed(key, "facts", str(seq), facts)


def keyed(key: bytes, *texts: str) -> str:
    """HMAC-SHA-256 of the texts, joined by newlines, in hex."""
    return hmac.digest(key, "\n".join(texts).encode(), "sha256").hex()


def mark(key: bytes, name: str, *values: object) -> str:
    """Stands for values in an entry without telling them: persons, cards, what is long.

    An entry keeps its facts longer than the ledger keeps those.
    """
    return keyed(key, name, msgspec.json.encode(values).decode())[:32]


class Newest(Struct, frozen=True):
    """The entry that the next one follows."""

    seq: int = 0
    hash: str = GENESIS
    at: datetime | None = None
    """No entry is later; None where there is none."""


def newest(db: sqlite3.Connection) -> Newest:
    row = db.execute("SELECT seq, hash, at FROM audit ORDER BY seq DESC LIMIT 1").fetchone()
    return Newest(row[0], row[1], datetime.fromisoformat(row[2])) if row else Newest()


def head(db: sqlite3.Connection) -> tuple[int, str]:
    """Number and hash of the newest entry, whatever it says; (0, zeros) where there is none."""
    row = db.execute("SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1").fetchone()
    return (row[0], row[1]) if row else (0, GENESIS)


def append(
    db: sqlite3.Connection,
    key: bytes,
    at: datetime,
    kind: str,
    facts: Mapping[str, Fact],
    *,
    after: Newest,
) -> Newest:
    """Add an entry in the open transaction.

    No entry is of an earlier moment than the one before it, or a terminal that starts with a
    clock that went back would hold that clock against its own entry (R70). What the clock said
    then stands among the facts.
    """
    if after.at is not None and at < after.at:
        at, facts = after.at, {**facts, CLOCK_SAID: at.isoformat()}
    seq, when, text = after.seq + 1, at.isoformat(), encode_facts(facts)
    entry = entry_hash(key, after.hash, seq, when, kind, facts_digest(key, seq, text))
    db.execute(
        "INSERT INTO audit (seq, at, kind, facts, prev, hash) VALUES (?, ?, ?, ?, ?, ?)",
        (seq, when, kind, text, after.hash, entry),
    )
    return Newest(seq, entry, at)


def last_at(db: sqlite3.Connection) -> datetime | None:
    """When the newest entry was written; no other one is later."""
    return newest(db).at


def verify_chain(db: sqlite3.Connection, key: bytes, newest: int | None = None) -> int:
    """Check every entry, or only the ``newest`` ones; how many were checked.

    Failure ``ledger.tampered`` names the first entry that is changed, missing or out of place.
    """
    last, _ = head(db)
    first = 1 if newest is None else max(1, last - newest + 1)
    prev = _hash_before(db, first)
    expected = first
    without_facts: list[int] = []
    purged = NONE
    for seq, at, kind, facts, digest, stored_prev, stored in db.execute(
        """SELECT seq, at, kind, facts, digest, prev, hash FROM audit WHERE seq >= ?
        ORDER BY seq""",
        (first,),
    ):
        bound = digest if facts is None else facts_digest(key, seq, facts)
        fits = seq == expected and stored_prev == prev
        if not fits or not hmac.compare_digest(
            entry_hash(key, prev, seq, at, kind, bound).encode(), stored.encode()
        ):
            raise _tampered(expected)
        prev, expected = stored, expected + 1
        if facts is None:
            without_facts.append(seq)
        elif kind == PURGE:
            purged = _named(facts) or purged
    for seq in without_facts:
        if seq not in purged:
            raise _tampered(seq)
    return expected - first


def _tampered(seq: int) -> Failure:
    return Failure("ledger.tampered", what=f"audit entry {seq}")


def _named(facts: str) -> Spans | None:
    """The entries whose facts this purge entry answers for; they are all older than itself."""
    told = msgspec.json.decode(facts)
    return Spans.of(told["ids"]) if told["class"] == AUDIT_CLASS else None


def _hash_before(db: sqlite3.Connection, first: int) -> str:
    if first == 1:
        return GENESIS
    row = db.execute("SELECT hash FROM audit WHERE seq = ?", (first - 1,)).fetchone()
    return str(row[0]) if row else ""
