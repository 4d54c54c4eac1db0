"""People as ``people.db`` has them."""

from __future__ import annotations

from typing import Final

from msgspec import Struct

from pos_terminal.core.people import Person, Role


class StoredPerson(Struct, frozen=True):
    """One person as stored, without the hashes."""

    person: Person
    """``must_change`` as set, the PIN's age not yet counted."""
    active: bool
    pin_set_at: int
    wrong: int
    """In a row, since the last right PIN."""
    locked_until: int | None
    day: str = ""
    """Of the last wrong PIN."""
    wrong_that_day: int = 0
    """A right PIN takes none of them back: a new day does, or the end of a lock."""
    badge: bool = False
    """Whether this person has one."""


class NewPerson(Struct, frozen=True):
    person: Person
    pin_hash: str
    badge_token: str | None = None


SELECT: Final = (
    "SELECT number, name, role, must_change, active, pin_set_at, people.wrong, locked_until,"
    " coalesce(day, ''), coalesce(tries.wrong, 0),"
    " EXISTS (SELECT 1 FROM badges WHERE badges.number = people.number)"
    " FROM people LEFT JOIN tries USING (number)"
)
Row = tuple[str, str, str, int, int, int, int, int | None, str, int, int]


def entry_of(row: Row) -> StoredPerson:
    number, name, role, must_change, active, pin_set_at, wrong, until, day, that_day, badge = row
    person = Person(number, name, Role(role), bool(must_change))
    return StoredPerson(person, bool(active), pin_set_at, wrong, until, day, that_day, bool(badge))
