"""``people.db``: who may use the terminal, their PIN hashes and wrong tries (R22, R25).

Every method is one durable transaction and blocks for the disk. Times are whole seconds since
1970 (UTC).
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from msgspec import Struct

from pos_terminal.core.people import Person, Role
from pos_terminal.core.words import Failure

PEOPLE_FILE: Final = "people.db"
SCHEMA_VERSION: Final = 1
TRIES: Final = 6
"""Wrong tries until the lock (R25)."""
LOCK_SECONDS: Final = 30 * 60
REMEMBERED_PINS: Final = 4

_ROLES: Final = ", ".join(f"'{role}'" for role in Role)
_SCHEMA: Final = f"""
CREATE TABLE people (
    number TEXT PRIMARY KEY
        CHECK (length(number) BETWEEN 1 AND 6 AND number NOT GLOB '*[^0-9]*'),
    name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 40),
    role TEXT NOT NULL CHECK (role IN ({_ROLES})),
    active INTEGER NOT NULL DEFAULT 1 CHECK (active IN (0, 1)),
    must_change INTEGER NOT NULL CHECK (must_change IN (0, 1)),
    pin_set_at INTEGER NOT NULL,
    wrong INTEGER NOT NULL DEFAULT 0 CHECK (wrong >= 0),
    locked_until INTEGER
) STRICT, WITHOUT ROWID;
CREATE TABLE pins (
    seq INTEGER PRIMARY KEY,
    number TEXT NOT NULL REFERENCES people (number) ON DELETE CASCADE,
    hash TEXT NOT NULL
) STRICT;
CREATE INDEX pins_of ON pins (number, seq);
"""


class StoredPerson(Struct, frozen=True):
    """One person as stored, without the hashes."""

    person: Person
    """``must_change`` as set, the PIN's age not yet counted."""
    active: bool
    pin_set_at: int
    wrong: int
    locked_until: int | None


class NewPerson(Struct, frozen=True):
    person: Person
    pin_hash: str


class Attempt(Struct, frozen=True):
    """A try at a PIN, already counted."""

    entry: StoredPerson
    """As it was stored before this try, an expired lock taken off."""
    pin_hash: str
    left: int
    """Tries left should this one be wrong."""
    locked_for: int
    """Seconds until the next try is heard; 0: this try may be checked. More than
    ``LOCK_SECONDS`` where the clock was set back since."""


class PeopleDb:
    """The table of people behind ``people.py``; safe to call from any thread."""

    __slots__ = ("_connection", "_lock", "path")

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self.path = path
        self._connection = connection
        self._lock = threading.Lock()

    @classmethod
    def open(cls, folder: Path) -> PeopleDb:
        """The file in ``folder``, made (mode 0600) where there is none.

        Failure ``people.store`` on an error, ``people.newer`` for a later version's file.
        """
        path = folder / PEOPLE_FILE
        try:
            path.touch(mode=0o600)
            connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        except (OSError, sqlite3.Error) as error:
            raise _store(path, error) from None
        store = cls(path, connection)
        try:
            store._prepare()
        except BaseException:
            connection.close()
            raise
        return store

    def close(self) -> None:
        with self._lock:
            self._connection.close()

    # --- reading ---

    def entry(self, number: str) -> StoredPerson | None:
        with self._reading() as connection:
            row = connection.execute(f"{_SELECT} WHERE number = ?", (number,)).fetchone()
        return None if row is None else _entry(row)

    def entries(self) -> Sequence[StoredPerson]:
        """Everybody, by number."""
        with self._reading() as connection:
            rows = connection.execute(f"{_SELECT} ORDER BY length(number), number").fetchall()
        return [_entry(row) for row in rows]

    def pin_hashes(self, number: str) -> Sequence[str]:
        """The hashes remembered, the present one first."""
        with self._reading() as connection:
            rows = connection.execute(
                "SELECT hash FROM pins WHERE number = ? ORDER BY seq DESC", (number,)
            ).fetchall()
        return [row[0] for row in rows]

    # --- tries ---

    def begin_try(self, number: str, now: int) -> Attempt | None:
        """Count a try as wrong before its PIN is looked at; None for an unknown number.

        So neither a power cut nor a full disk gives a try for nothing. The sixth one sets the
        lock. While locked nothing is counted.
        """
        with self._writing() as connection:
            row = connection.execute(f"{_SELECT} WHERE number = ?", (number,)).fetchone()
            if row is None:
                return None
            stored = _entry(row)
            entry = _unlocked(stored, now)
            wrong, until = entry.wrong, entry.locked_until
            if until is None:
                wrong += 1
                until = now + LOCK_SECONDS if wrong >= TRIES else None
                locked_for = 0
            else:
                locked_for = until - now
            if (wrong, until) != (stored.wrong, stored.locked_until):
                connection.execute(
                    "UPDATE people SET wrong = ?, locked_until = ? WHERE number = ?",
                    (wrong, until, number),
                )
            pin_hash = _present_hash(connection, number)
        return Attempt(entry, pin_hash, max(0, TRIES - wrong), locked_for)

    def end_try(self, number: str) -> None:
        """The PIN was right: the count starts anew."""
        with self._writing() as connection:
            connection.execute(
                "UPDATE people SET wrong = 0, locked_until = NULL WHERE number = ?", (number,)
            )

    # --- people ---

    def add(self, people: Sequence[NewPerson], now: int, *, replace_all: bool = False) -> None:
        """Add people, all or none; ``replace_all`` removes everybody else first.

        Failure ``people.exists`` names a number that is taken.
        """
        with self._writing() as connection:
            if replace_all:
                connection.execute("DELETE FROM people")
            for new in people:
                self._insert(connection, new, now)

    def set_pin(self, number: str, pin_hash: str, now: int, *, must_change: bool) -> None:
        """A new PIN in place of the present one, which is remembered; lifts a lock.

        Failure ``people.unknown``.
        """
        with self._writing() as connection:
            changed = connection.execute(
                "UPDATE people SET must_change = ?, pin_set_at = ?, wrong = 0,"
                " locked_until = NULL WHERE number = ?",
                (int(must_change), now, number),
            ).rowcount
            if not changed:
                raise Failure("people.unknown", number=number)
            connection.execute("INSERT INTO pins (number, hash) VALUES (?, ?)", (number, pin_hash))
            connection.execute(
                "DELETE FROM pins WHERE number = ? AND seq NOT IN"
                " (SELECT seq FROM pins WHERE number = ? ORDER BY seq DESC LIMIT ?)",
                (number, number, REMEMBERED_PINS),
            )

    def set_active(self, number: str, active: bool) -> None:
        """Disable or enable a person. Failure ``people.unknown``."""
        with self._writing() as connection:
            changed = connection.execute(
                "UPDATE people SET active = ? WHERE number = ?", (int(active), number)
            ).rowcount
        if not changed:
            raise Failure("people.unknown", number=number)

    def clear(self) -> None:
        """Remove everybody."""
        with self._writing() as connection:
            connection.execute("DELETE FROM people")

    # --- inside ---

    def _prepare(self) -> None:
        with self._errors():
            for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
                self._connection.execute(f"PRAGMA {pragma}")
            self._connection.execute("PRAGMA secure_delete=ON")
            (version,) = self._connection.execute("PRAGMA user_version").fetchone()
        if version > SCHEMA_VERSION:
            raise Failure("people.newer", file=str(self.path))
        if version < SCHEMA_VERSION:
            with self._writing() as connection:
                for statement in _SCHEMA.split(";")[:-1]:
                    connection.execute(statement)
                connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")

    def _insert(self, connection: sqlite3.Connection, new: NewPerson, now: int) -> None:
        person = new.person
        taken = connection.execute("SELECT 1 FROM people WHERE number = ?", (person.number,))
        if taken.fetchone():
            raise Failure("people.exists", number=person.number)
        connection.execute(
            "INSERT INTO people (number, name, role, must_change, pin_set_at)"
            " VALUES (?, ?, ?, ?, ?)",
            (person.number, person.name, person.role.value, int(person.must_change), now),
        )
        connection.execute(
            "INSERT INTO pins (number, hash) VALUES (?, ?)", (person.number, new.pin_hash)
        )

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        with self._lock, self._errors():
            yield self._connection

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with self._lock, self._errors():
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise _store(self.path, error) from None


_SELECT: Final = (
    "SELECT number, name, role, must_change, active, pin_set_at, wrong, locked_until FROM people"
)


def _entry(row: tuple[str, str, str, int, int, int, int, int | None]) -> StoredPerson:
    number, name, role, must_change, active, pin_set_at, wrong, locked_until = row
    person = Person(number, name, Role(role), bool(must_change))
    return StoredPerson(person, bool(active), pin_set_at, wrong, locked_until)


def _unlocked(entry: StoredPerson, now: int) -> StoredPerson:
    """The entry with a lock that has run out taken off, and its count with it."""
    if entry.locked_until is None or entry.locked_until > now:
        return entry
    return StoredPerson(entry.person, entry.active, entry.pin_set_at, 0, None)


def _present_hash(connection: sqlite3.Connection, number: str) -> str:
    row = connection.execute(
        "SELECT hash FROM pins WHERE number = ? ORDER BY seq DESC LIMIT 1", (number,)
    ).fetchone()
    return "" if row is None else str(row[0])


def _store(path: Path, error: Exception) -> Failure:
    return Failure("people.store", file=str(path), cause=str(error))
