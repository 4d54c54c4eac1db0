"""Tries at a PIN, counted before it is looked at, and the lock that they end in (R25).

Within the transaction of whoever asks; times as in ``people_db``.
"""

from __future__ import annotations

import sqlite3
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from pos_terminal.services.security.people_rows import SELECT, StoredPerson, entry_of

TRIES: Final = 6
"""Wrong tries until the lock (R25)."""
LOCK_SECONDS: Final = 30 * 60


class Counted(Struct, frozen=True):
    """What a try comes to should it be wrong."""

    left: int
    """Tries left then."""
    locked_for: int
    """Seconds until the next try is heard; 0: this try may be checked. More than
    ``LOCK_SECONDS`` where the clock was set back since."""


class Attempt(Struct, frozen=True):
    """A try at a PIN, already counted."""

    entry: StoredPerson
    """As it was stored before this try, an expired lock taken off."""
    pin_hash: str
    counted: Counted


class Begun(Struct, frozen=True):
    attempt: Attempt | None
    """None for somebody unknown."""
    asker: Counted | None
    """Of the clerk who asked, where somebody did and is another person."""


def begin(
    connection: sqlite3.Connection, number: str | None, now: int, day: str, asked_by: str | None
) -> Begun:
    """As ``PeopleDb.begin_try``."""
    person = _stored(connection, number, now)
    asker = None if asked_by == number else _stored(connection, asked_by, now)
    locked = any(one is not None and one.locked_until for one in (person, asker))
    count = _left_now if locked else _count
    attempt = None
    if person is not None:
        pin_hash = _present_hash(connection, person.person.number)
        attempt = Attempt(person, pin_hash, count(connection, person, now, day))
    return Begun(attempt, None if asker is None else count(connection, asker, now, day))


def _stored(connection: sqlite3.Connection, number: str | None, now: int) -> StoredPerson | None:
    """As stored, with a lock that has run out taken off, and the counts with it."""
    row = connection.execute(f"{SELECT} WHERE number = ?", (number,)).fetchone()
    if row is None:
        return None
    entry = entry_of(row)
    if entry.locked_until is None or entry.locked_until > now:
        return entry
    lift(connection, entry.person.number)
    return replace(entry, wrong=0, locked_until=None, wrong_that_day=0)


def _left_now(_: sqlite3.Connection, entry: StoredPerson, now: int, day: str) -> Counted:
    """Without counting: this person is locked, or the other one of the two is."""
    until = entry.locked_until
    left = TRIES - max(entry.wrong, _so_far(entry, day))
    return Counted(max(0, left), 0 if until is None else until - now)


def _count(connection: sqlite3.Connection, entry: StoredPerson, now: int, day: str) -> Counted:
    number, wrong, today = entry.person.number, entry.wrong + 1, _so_far(entry, day) + 1
    left = max(0, TRIES - max(wrong, today))
    until = None if left else now + LOCK_SECONDS
    connection.execute(
        "UPDATE people SET wrong = ?, locked_until = ? WHERE number = ?",
        (wrong, until, number),
    )
    connection.execute(
        "INSERT INTO tries (number, day, wrong, untold, locks) VALUES (?1, ?2, ?3, 1, ?4)"
        " ON CONFLICT (number) DO UPDATE SET day = ?2, wrong = ?3, untold = untold + 1,"
        " locks = locks + ?4",
        (number, day, today, int(not left)),
    )
    return Counted(left, 0)


def _so_far(entry: StoredPerson, day: str) -> int:
    """Wrong PINs of this day; a clock that was set back begins none anew."""
    return entry.wrong_that_day if entry.day >= day else 0


def take_back(connection: sqlite3.Connection, number: str | None, *, in_row: str) -> None:
    """The try that was counted last, and the lock that it alone has set: it was begun unlocked."""
    connection.execute(
        "UPDATE tries SET wrong = max(0, wrong - 1), untold = max(0, untold - 1),"
        " locks = max(0, locks - EXISTS (SELECT 1 FROM people"
        " WHERE people.number = tries.number AND locked_until IS NOT NULL)) WHERE number = ?",
        (number,),
    )
    connection.execute(
        f"UPDATE people SET wrong = {in_row}, locked_until = NULL WHERE number = ?",  # noqa: S608
        (number,),
    )


def lift(connection: sqlite3.Connection, number: str) -> None:
    """No lock any more, and nothing counted towards the next."""
    connection.execute("UPDATE tries SET wrong = 0 WHERE number = ?", (number,))
    connection.execute(
        "UPDATE people SET wrong = 0, locked_until = NULL WHERE number = ?", (number,)
    )


def _present_hash(connection: sqlite3.Connection, number: str) -> str:
    row = connection.execute(
        "SELECT hash FROM pins WHERE number = ? ORDER BY seq DESC LIMIT 1", (number,)
    ).fetchone()
    return "" if row is None else str(row[0])
