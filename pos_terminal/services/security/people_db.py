"""``people.db``: who may use the terminal, badges, PIN hashes and wrong tries (R22, R25, R86).

Every method is one durable transaction and blocks for the disk. Times are whole seconds since
1970 (UTC), a day is the shop's (``2026-11-29``).
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from pos_terminal.core.people import LockedOut
from pos_terminal.core.words import Failure
from pos_terminal.services.security import people_tries
from pos_terminal.services.security.people_rows import SELECT, NewPerson, StoredPerson, entry_of
from pos_terminal.services.security.people_schema import VERSION, bring, version_of

PEOPLE_FILE: Final = "people.db"
REMEMBERED_PINS: Final = 4


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

        Failure ``people.unprovisioned`` where there is no such folder, ``people.store`` on an
        error, ``people.newer`` for a later version's file.
        """
        path = folder / PEOPLE_FILE
        try:
            path.touch(mode=0o600)
            connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        except FileNotFoundError:
            raise Failure("people.unprovisioned", missing="its people") from None
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
            row = connection.execute(f"{SELECT} WHERE number = ?", (number,)).fetchone()
        return None if row is None else entry_of(row)

    def entries(self) -> Sequence[StoredPerson]:
        """Everybody, by number."""
        with self._reading() as connection:
            rows = connection.execute(f"{SELECT} ORDER BY length(number), number").fetchall()
        return [entry_of(row) for row in rows]

    def pin_hashes(self, number: str) -> Sequence[str]:
        """The hashes remembered, the present one first."""
        with self._reading() as connection:
            rows = connection.execute(
                "SELECT hash FROM pins WHERE number = ? ORDER BY seq DESC", (number,)
            ).fetchall()
        return [row[0] for row in rows]

    # --- tries ---

    def begin_try(
        self, number: str | None, now: int, day: str, asked_by: str | None = None
    ) -> people_tries.Begun:
        """Count a try as wrong before its PIN is looked at; None is somebody unknown.

        It counts against who asked for it as well. So neither a power cut nor a full disk gives a
        try for nothing. The sixth one of a day, or in a row, sets the lock. While one of the two is
        locked nothing is counted.
        """
        with self._writing() as connection:
            return people_tries.begin(connection, number, now, day, asked_by)

    def end_try(self, number: str, asked_by: str | None = None) -> None:
        """The PIN was right: it is taken back, and those in a row with it. What else went wrong
        that day stays counted."""
        with self._writing() as connection:
            people_tries.take_back(connection, number, in_row="0")
            if asked_by not in (None, number):
                people_tries.take_back(connection, asked_by, in_row="max(0, wrong - 1)")

    def end_lock(self, number: str) -> None:
        """A lock that has lasted its time though the clock says otherwise."""
        with self._writing() as connection:
            people_tries.lift(connection, number)

    def unlock(self, number: str, by: str) -> int:
        """Two people, ``by``, end a lock; how many wrong PINs it is told of.

        Failure ``people.unknown``.
        """
        with self._writing() as connection:
            row = connection.execute("SELECT wrong FROM people WHERE number = ?", (number,))
            if (found := row.fetchone()) is None:
                raise Failure("people.unknown", number=number)
            people_tries.lift(connection, number)
            # whoever was locked by an earlier version has no row yet
            (untold,) = connection.execute(
                "INSERT INTO tries (number, day, wrong, untold, locks, unlocked_by)"
                " VALUES (?1, '', 0, ?2, 1, ?3)"
                " ON CONFLICT (number) DO UPDATE SET unlocked_by = ?3 RETURNING untold",
                (number, found[0], by),
            ).fetchone()
            return int(untold)

    def news(self, number: str) -> LockedOut | None:
        """What went wrong since this person last logged in; None: nothing."""
        with self._reading() as connection:
            row = connection.execute(
                "SELECT untold, locks, unlocked_by FROM tries WHERE number = ?",
                (number,),
            ).fetchone()
        if row is None or not (row[0] or row[1]):
            return None
        return LockedOut(row[0], bool(row[1]), tuple(row[2].split()))

    def heard(self, number: str) -> None:
        """The person was told."""
        with self._writing() as connection:
            connection.execute(
                "UPDATE tries SET untold = 0, locks = 0, unlocked_by = '' WHERE number = ?",
                (number,),
            )

    # --- badges ---

    def of_badge(self, token: str) -> str | None:
        """Whose badge has this token."""
        with self._reading() as connection:
            row = connection.execute(
                "SELECT number FROM badges WHERE token = ?", (token,)
            ).fetchone()
        return None if row is None else str(row[0])

    def set_badge(self, number: str, token: str | None) -> None:
        """The one badge of this person, in place of any other; None takes it away.

        Failure ``people.unknown``, ``people.badge_taken``.
        """
        with self._writing() as connection:
            found = connection.execute("SELECT 1 FROM people WHERE number = ?", (number,))
            if found.fetchone() is None:
                raise Failure("people.unknown", number=number)
            connection.execute("DELETE FROM badges WHERE number = ?", (number,))
            if token is not None:
                _insert_badge(connection, number, token)

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
        """A new PIN in place of the present one, which is remembered.

        One that somebody else has set (``must_change``) lifts a lock. Failure ``people.unknown``.
        """
        with self._writing() as connection:
            changed = connection.execute(
                "UPDATE people SET must_change = ?, pin_set_at = ? WHERE number = ?",
                (int(must_change), now, number),
            ).rowcount
            if not changed:
                raise Failure("people.unknown", number=number)
            if must_change:
                people_tries.lift(connection, number)
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
            version = version_of(self._connection)
        if version > VERSION:
            raise Failure("people.newer", file=str(self.path))
        if version < VERSION:
            with self._writing() as connection:
                bring(connection)

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
        if new.badge_token is not None:
            _insert_badge(connection, person.number, new.badge_token)

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


def _insert_badge(connection: sqlite3.Connection, number: str, token: str) -> None:
    try:
        connection.execute("INSERT INTO badges (number, token) VALUES (?, ?)", (number, token))
    except sqlite3.IntegrityError:
        raise Failure("people.badge_taken") from None


def _store(path: Path, error: Exception) -> Failure:
    return Failure(
        "people.store", file=str(path), cause=getattr(error, "strerror", None) or str(error)
    )
