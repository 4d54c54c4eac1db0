"""Log-in, badges, PIN rules and lock-out (R22, R25, R86): ``ports.People`` on ``people.db``."""

from __future__ import annotations

import asyncio
import hmac
import math
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Final, NoReturn, TypeVar

from msgspec.structs import replace

from pos_terminal.core.badge import Badge
from pos_terminal.core.people import (
    PIN_MAX,
    PIN_MIN,
    LockedOut,
    Person,
    Role,
    Who,
    pin_is_trivial,
)
from pos_terminal.core.words import Failure
from pos_terminal.ports import Clock, Runner
from pos_terminal.ports.people import SUPERVISORS
from pos_terminal.services.security.people_db import PeopleDb
from pos_terminal.services.security.people_rows import NewPerson, StoredPerson
from pos_terminal.services.security.people_tries import LOCK_SECONDS, TRIES, Begun, Counted
from pos_terminal.services.security.pin_hash import PinHasher

PIN_DAYS: Final = 90
"""A PIN older than this must be changed."""
FIRST_DELAY: Final = 1.0
"""Seconds from a wrong PIN until the next one is looked at; doubles with each wrong one."""

TELL_FROM: Final = 3
"""Wrong PINs of which a person is told though none of them locked the number."""
MOST_STRANGERS: Final = 64
"""Unknown numbers and badges whose tries are counted, the latest ones."""

_T = TypeVar("_T")
Note = Callable[[str, Mapping[str, str | int]], Awaitable[None]]
Sleep = Callable[[float], Awaitable[None]]


class StoredPeople:
    """``ports.People``. PINs are hashed and counted in the runner, never on the loop.

    ``badge_key`` is that of ``badge_token``. ``note`` takes the audit entries that no flow writes
    (``ledger.journal.note``): whose PIN was wrong or is locked, and changes of people.
    """

    def __init__(
        self,
        db: PeopleDb,
        hasher: PinHasher,
        *,
        badge_key: bytes,
        clock: Clock,
        runner: Runner,
        note: Note | None = None,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self._db = db
        self._badge_key = badge_key
        self._hasher = hasher
        self._clock = clock
        self._runner = runner
        self._note = note
        self._sleep = sleep
        self._gates: dict[str, _Gate] = {}
        self._strangers: OrderedDict[str, _Stranger] = OrderedDict()
        self._served: dict[str, float] = {}
        """Monotonic end of locks whose wall-clock end can't be right, by number."""

    async def log_in(self, who: Who, pin: str) -> Person:
        """The person, with ``must_change`` set where the PIN must be changed before anything.

        A wrong PIN is counted durably before the answer. Failure ``people.wrong`` (with the tries
        ``left``), ``people.locked`` (with ``minutes``) or ``people.disabled``.
        """
        return await self._check(who, pin)

    async def approve(
        self,
        who: Who,
        pin: str,
        *,
        asked_by: str | None = None,
        roles: frozenset[Role] = SUPERVISORS,
    ) -> Person:
        """Check who somebody with one of these roles is, without logging anybody in.

        A wrong PIN counts against the clerk who asked for it as well, and locks that number as it
        would the other. Failures of ``log_in``, and ``people.not_supervisor``,
        ``people.neither``, ``people.must_change``, ``people.asker_locked``. That nobody approves
        their own refund is the flow's to see.
        """
        person = await self._check(who, pin, asked_by)
        if person.role not in roles:
            wrong = "people.not_supervisor" if roles == SUPERVISORS else "people.neither"
            raise Failure(wrong, number=person.number)
        if person.must_change:
            raise Failure("people.must_change", number=person.number)
        return person

    async def change_pin(self, number: str, old: str, new: str) -> None:
        """Failures of ``log_in`` for the old PIN; ``people.length``, ``people.trivial``,
        ``people.reused`` for the new one."""
        await self._check(number, old)
        check_new_pin(number, new)
        await self._run(lambda: self._store_pin(number, new))

    async def locked(self) -> Sequence[Person]:
        """Who is locked now, by number."""
        now = self._now()
        entries = await self._run(self._db.entries)
        return [one.person for one in entries if one.active and (one.locked_until or 0) > now]

    async def unlock(self, number: str, by: tuple[str, str]) -> int:
        """End a lock, in the name of these two; how many wrong PINs there were.

        Failure ``people.unlocks_self`` where one of them is the other, or the one who is locked.
        """
        if len({number, *by}) < 1 + len(by):
            raise Failure("people.unlocks_self")
        untold = await self._run(lambda: self._db.unlock(number, " ".join(by)))
        self._gates.pop(number, None)
        await self._audit("person_unlocked", number=number, by=" ".join(by), wrong=untold)
        return untold

    async def news(self, number: str) -> LockedOut | None:
        """What this person is to be told at log-in, until ``heard``: a lock, or wrong PINs more
        than one mistypes."""
        news = await self._run(lambda: self._db.news(number))
        return news if news is not None and (news.locked or news.wrong >= TELL_FROM) else None

    async def heard(self, number: str) -> None:
        await self._run(lambda: self._db.heard(number))

    async def provisioned(self) -> bool:
        """Whether there are people enough to trade: see ``people_missing``."""
        return people_missing(await self._run(self._db.entries)) is None

    async def everybody(self) -> Sequence[StoredPerson]:
        """All people with their state, no hashes."""
        return await self._run(self._db.entries)

    async def add(self, person: Person, pin: str) -> None:
        """A new person, who must change this PIN at first use unless ``must_change`` is False.

        Failure ``people.exists``, ``people.length``, ``people.trivial``.
        """
        check_new_pin(person.number, pin)
        await self._run(lambda: self._add(person, pin))
        await self._audit("person_added", number=person.number, role=person.role.value)

    async def disable(self, number: str) -> None:
        """From now on nobody gets in with this number. Failure ``people.unknown``."""
        await self._run(lambda: self._db.set_active(number, False))
        await self._audit("person_disabled", number=number)

    async def reset_pin(self, number: str, pin: str) -> None:
        """A PIN set by somebody else; lifts a lock. Failures as ``add``, ``people.unknown``."""
        check_new_pin(number, pin)
        now = self._now()
        await self._run(
            lambda: self._db.set_pin(number, self._hasher.hash(number, pin), now, must_change=True)
        )
        await self._audit("pin_reset", number=number)

    # --- inside ---

    async def _check(self, who: Who, pin: str, asked_by: str | None = None) -> Person:
        name = badge_token(self._badge_key, who) if isinstance(who, Badge) else who
        number = await self._run(lambda: self._number_of(who, name))
        gate = self._stranger(name).gate if number is None else self._gate(number)
        async with gate.lock:
            await self._sleep_until(gate.opens_at)
            now = self._clock.now()
            moment, day = int(now.timestamp()), now.date().isoformat()
            begun = await self._run(lambda: self._begin(number, moment, day, asked_by))
            refused = begun.asker is not None and begun.asker.locked_for > 0
            if begun.attempt is None:
                counted = self._stranger(name).count(self._clock.monotonic(), refused=refused)
            else:
                counted = begun.attempt.counted
            looked_at = not (refused or counted.locked_for)
            right = looked_at and await self._run(lambda: self._fits(begun, name, pin, asked_by))
            if not right:
                gate.opens_at = self._clock.monotonic() + _delay(counted)
        if begun.attempt is None or not right:
            await self._refuse(number, counted, asked_by, begun.asker)
        if not begun.attempt.entry.active:
            raise Failure("people.disabled", number=begun.attempt.entry.person.number)
        return _aged(begun.attempt.entry, moment)

    async def _refuse(
        self, number: str | None, counted: Counted, asked_by: str | None, asker: Counted | None
    ) -> NoReturn:
        """Say why not: wrong, or one of the two is locked."""
        if asker is not None and asker.locked_for:
            raise _locked("people.asker_locked", asker.locked_for)
        if counted.locked_for:
            raise _locked("people.locked", counted.locked_for)
        asked = {} if asked_by is None else {"asked_by": asked_by}
        if number is None:
            await self._audit("login_unknown", **asked)  # not what was typed: it may be a PIN
        elif counted.left:
            await self._audit("login_wrong", number=number, left=counted.left, **asked)
        else:
            await self._audit("login_locked", number=number, **asked)
        if asker is not None and asked_by is not None and not asker.left:
            await self._audit("login_locked", number=asked_by)
            raise _locked("people.asker_locked", LOCK_SECONDS)
        if not counted.left:
            raise _locked("people.locked", LOCK_SECONDS)
        left = counted.left if asker is None else min(counted.left, asker.left)
        raise Failure("people.wrong", left=left)

    def _number_of(self, who: Who, name: str) -> str | None:
        """Whose number or badge it is; None: nobody's."""
        if isinstance(who, Badge):
            return self._db.of_badge(name)
        return None if self._db.entry(who) is None else who

    def _begin(self, number: str | None, now: int, day: str, asked_by: str | None) -> Begun:
        """Count a try. In the runner."""
        begun = self._db.begin_try(number, now, day, asked_by)
        of = ((number, begun.attempt and begun.attempt.counted), (asked_by, begun.asker))
        served = [
            one
            for one, counted in of
            if one and counted and counted.locked_for > LOCK_SECONDS and self._has_served(one)
        ]
        for one in served:
            self._db.end_lock(one)
        return self._db.begin_try(number, now, day, asked_by) if served else begun

    def _fits(self, begun: Begun, name: str, pin: str, asked_by: str | None) -> bool:
        """Look at the PIN, and take the count back where it is right. In the runner."""
        if begun.attempt is None:
            self._hasher.hash(name, pin)  # an unknown number takes as long as a known one
            return False
        number = begun.attempt.entry.person.number
        if not self._hasher.fits(begun.attempt.pin_hash, number, pin):
            return False
        self._db.end_try(number, asked_by)
        return True

    def _stranger(self, name: str) -> _Stranger:
        """By an unknown number or the token of an unknown badge; few are kept, so that guesses
        can't fill memory."""
        name = name[:64]
        stranger = self._strangers.setdefault(name, _Stranger())
        self._strangers.move_to_end(name)
        if len(self._strangers) > MOST_STRANGERS:
            self._strangers.popitem(last=False)
        return stranger

    def _has_served(self, number: str) -> bool:
        """Whether a lock that seems to last too long has lasted its thirty minutes by now.

        The clock was ahead when the lock was set, or is behind now. Nothing is stored: else a
        restart with a clock of 1970 would shorten every lock.
        """
        monotonic = self._clock.monotonic()
        if monotonic < self._served.setdefault(number, monotonic + LOCK_SECONDS):
            return False
        del self._served[number]
        return True

    def _store_pin(self, number: str, new: str) -> None:
        if any(self._hasher.fits(old, number, new) for old in self._db.pin_hashes(number)):
            raise Failure("people.reused")
        self._db.set_pin(number, self._hasher.hash(number, new), self._now(), must_change=False)

    def _add(self, person: Person, pin: str) -> None:
        new = NewPerson(person, self._hasher.hash(person.number, pin))
        self._db.add([new], self._now())

    async def _sleep_until(self, monotonic: float) -> None:
        """Wait out the delay of the last wrong PIN; a person typing again hardly notices."""
        left = monotonic - self._clock.monotonic()
        if left > 0:
            await self._sleep(left)

    def _gate(self, number: str) -> _Gate:
        """One gate a person."""
        return self._gates.setdefault(number, _Gate())

    def _now(self) -> int:
        return int(self._clock.now().timestamp())

    async def _audit(self, kind: str, **facts: str | int) -> None:
        if self._note is not None:
            await self._note(kind, facts)

    async def _run(self, function: Callable[[], _T]) -> _T:
        return await self._runner(function)


class _Gate:
    """Lets one try at a time through to a person's PIN, and not before ``opens_at``."""

    __slots__ = ("lock", "opens_at")

    def __init__(self) -> None:
        self.lock = asyncio.Lock()
        self.opens_at = 0.0
        """Monotonic seconds."""


class _Stranger:
    """Tries at a number or badge that nobody has: counted, delayed and locked as those at
    anybody's, until the next start, so that no answer tells who is known."""

    __slots__ = ("gate", "locked_until", "wrong")

    def __init__(self) -> None:
        self.gate = _Gate()
        self.wrong = 0
        self.locked_until = 0.0
        """Monotonic seconds."""

    def count(self, now: float, *, refused: bool) -> Counted:
        """``refused``: nothing is looked at, for who asked is locked."""
        if now < self.locked_until:
            return Counted(0, math.ceil(self.locked_until - now))
        if refused:
            return Counted(TRIES - self.wrong, 0)
        self.wrong = self.wrong % TRIES + 1
        if self.wrong == TRIES:
            self.locked_until = now + LOCK_SECONDS
        return Counted(TRIES - self.wrong, 0)


def badge_token(key: bytes, badge: Badge) -> str:
    """HMAC-SHA-256 of a badge's code under the terminal's badge key, 64 hex digits."""
    return hmac.digest(key, badge.reveal().encode("ascii"), "sha256").hex()


def check_new_pin(number: str, pin: str) -> None:
    """Failure ``people.length`` or ``people.trivial`` for a PIN that nobody should have."""
    if not (pin.isascii() and pin.isdigit() and PIN_MIN <= len(pin) <= PIN_MAX):
        raise Failure("people.length", least=PIN_MIN, most=PIN_MAX)
    if pin_is_trivial(pin, number):
        raise Failure("people.trivial")


def people_missing(entries: Sequence[StoredPerson]) -> str | None:
    """Who is missing before anything can be refunded; None where nobody is.

    A refund takes somebody who applies and another one, a supervisor, who approves (R23).
    """
    traders = [
        entry for entry in entries if entry.active and entry.person.role is not Role.TECHNICIAN
    ]
    if not any(entry.person.role is Role.SUPERVISOR for entry in traders):
        return "a supervisor"
    return None if len(traders) > 1 else "a clerk beside the supervisor"


def _aged(entry: StoredPerson, now: int) -> Person:
    """The person, who must change a PIN that is too old."""
    old = now - entry.pin_set_at > PIN_DAYS * 24 * 3600
    return replace(entry.person, must_change=entry.person.must_change or old)


def _delay(counted: Counted) -> float:
    """Seconds until the next try is looked at; none while locked, for nothing is checked then."""
    return FIRST_DELAY * 2 ** (TRIES - 1 - counted.left) if counted.left else 0.0


def _locked(code: str, seconds: int) -> Failure:
    return Failure(code, minutes=_minutes(min(seconds, LOCK_SECONDS)))


def _minutes(seconds: int) -> int:
    return -(-seconds // 60)
