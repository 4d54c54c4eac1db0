"""Log-in, PIN rules and lock-out (R22, R25): ``ports.People`` on ``people.db``."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Final, TypeVar

from msgspec.structs import replace

from pos_terminal.core.people import PIN_MAX, PIN_MIN, Person, Role, pin_is_trivial
from pos_terminal.core.words import Failure
from pos_terminal.ports import Clock, Runner
from pos_terminal.services.security.people_db import (
    LOCK_SECONDS,
    TRIES,
    Attempt,
    NewPerson,
    PeopleDb,
    StoredPerson,
)
from pos_terminal.services.security.pin_hash import PinHasher

PIN_DAYS: Final = 90
"""A PIN older than this must be changed."""
FIRST_DELAY: Final = 1.0
"""Seconds from a wrong PIN until the next one is looked at; doubles with each wrong one."""

_T = TypeVar("_T")
Note = Callable[[str, Mapping[str, str | int]], Awaitable[None]]
Sleep = Callable[[float], Awaitable[None]]


class StoredPeople:
    """``ports.People``. PINs are hashed and counted in the runner, never on the loop.

    ``note`` takes the audit entries that no flow writes (``ledger.journal.note``): whose PIN was
    wrong or is locked, and changes of people.
    """

    def __init__(
        self,
        db: PeopleDb,
        hasher: PinHasher,
        *,
        clock: Clock,
        runner: Runner,
        note: Note | None = None,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self._db = db
        self._hasher = hasher
        self._clock = clock
        self._runner = runner
        self._note = note
        self._sleep = sleep
        self._gates: dict[str, _Gate] = {}
        self._served: dict[str, float] = {}
        """Monotonic end of locks whose wall-clock end can't be right, by number."""

    async def log_in(self, number: str, pin: str) -> Person:
        """The person, with ``must_change`` set where the PIN must be changed before anything.

        A wrong PIN is counted durably before the answer. Failure ``people.wrong`` (with the tries
        ``left``), ``people.locked`` (with ``minutes``) or ``people.disabled``.
        """
        return await self._check(number, pin)

    async def approve(self, number: str, pin: str) -> Person:
        """Check a supervisor's number and PIN without logging anybody in.

        Failures of ``log_in``, and ``people.not_supervisor``, ``people.must_change``. That nobody
        approves their own refund is the flow's to see.
        """
        person = await self._check(number, pin)
        if person.role is not Role.SUPERVISOR:
            raise Failure("people.not_supervisor", number=number)
        if person.must_change:
            raise Failure("people.must_change", number=number)
        return person

    async def change_pin(self, number: str, old: str, new: str) -> None:
        """Failures of ``log_in`` for the old PIN; ``people.length``, ``people.trivial``,
        ``people.reused`` for the new one."""
        await self._check(number, old)
        check_new_pin(number, new)
        await self._run(lambda: self._store_pin(number, new))

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

    async def _check(self, number: str, pin: str) -> Person:
        gate = await self._gate(number)
        async with gate.lock:
            await self._sleep_until(gate.opens_at)
            now = self._now()
            attempt, right = await self._run(lambda: self._try(number, pin, now))
            if not right:
                gate.opens_at = self._clock.monotonic() + _delay(attempt)
        if attempt is None:
            await self._audit("login_unknown")  # not what was typed: it may be a PIN
            raise Failure("people.wrong", left=TRIES - 1)
        if not right:
            await self._refuse(number, attempt)
        if not attempt.entry.active:
            raise Failure("people.disabled", number=number)
        return _aged(attempt.entry, now)

    async def _refuse(self, number: str, attempt: Attempt) -> None:
        """Say why not: wrong, or locked."""
        if attempt.locked_for:
            seconds = min(attempt.locked_for, LOCK_SECONDS)
            raise Failure("people.locked", minutes=_minutes(seconds))
        if not attempt.left:
            await self._audit("login_locked", number=number)
            raise Failure("people.locked", minutes=_minutes(LOCK_SECONDS))
        await self._audit("login_wrong", number=number, left=attempt.left)
        raise Failure("people.wrong", left=attempt.left)

    def _try(self, number: str, pin: str, now: int) -> tuple[Attempt | None, bool]:
        """Count, check, and forget the count where the PIN is right. In the runner."""
        attempt = self._db.begin_try(number, now)
        if attempt is not None and attempt.locked_for > LOCK_SECONDS and self._has_served(number):
            self._db.end_try(number)
            attempt = self._db.begin_try(number, now)
        if attempt is None:
            self._hasher.hash(number, pin)  # an unknown number takes as long as a known one
            return None, False
        if attempt.locked_for or not self._hasher.fits(attempt.pin_hash, number, pin):
            return attempt, False
        self._db.end_try(number)
        return attempt, True

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

    async def _gate(self, number: str) -> _Gate:
        """One gate a person; all unknown numbers share one, so that guesses can't fill memory."""
        if number not in self._gates and await self._run(lambda: self._db.entry(number)) is None:
            number = ""
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


def _delay(attempt: Attempt | None) -> float:
    """Seconds until the next try is looked at; none while locked, for nothing is checked then."""
    left = TRIES - 1 if attempt is None else attempt.left
    return FIRST_DELAY * 2 ** (TRIES - 1 - left) if left else 0.0


def _minutes(seconds: int) -> int:
    return -(-seconds // 60)
