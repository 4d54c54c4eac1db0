"""A shop's people file, and those who stand in it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final

import pytest
from hw_sim.bench import people as bench
from hw_sim.virtual import VirtualClock, VirtualLoop, run_inline, run_virtual
from worlds.provisioning import new_pin

from pos_terminal.core.badge import Badge
from pos_terminal.core.people import Person, Role, Who
from pos_terminal.core.words import Failure
from pos_terminal.services.security.people import StoredPeople, badge_token
from pos_terminal.services.security.people_db import PeopleDb
from pos_terminal.services.security.people_rows import NewPerson
from pos_terminal.services.security.pin_hash import PinHasher

START: Final = datetime.fromisoformat("2026-11-22T09:00:00+08:00")
CLERK: Final = Person("101", "李敏", Role.CLERK)
BOSS: Final = Person("201", "张伟", Role.SUPERVISOR)
OTHER_BOSS: Final = Person("202", "陈静", Role.SUPERVISOR)
TECHNICIAN: Final = Person("901", "刘强", Role.TECHNICIAN)
BADGE_KEY: Final = bytes(range(32))


@dataclass
class Shop:
    """A shop's people file; the PINs are made for each test."""

    folder: Path
    db: PeopleDb
    hasher: PinHasher
    pins: dict[str, str] = field(default_factory=dict)
    notes: list[tuple[str, dict[str, str | int]]] = field(default_factory=list)

    def add(self, person: Person, at: datetime = START) -> str:
        pin = self.pins[person.number] = new_pin(person.number)
        new = NewPerson(person, self.hasher.hash(person.number, pin))
        self.db.add([new], int(at.timestamp()))
        return pin

    def give_badge(self, number: str) -> Badge:
        """A new one, in place of any other."""
        badge = new_badge()
        self.db.set_badge(number, badge_token(BADGE_KEY, badge))
        return badge

    def wrong_pin(self, number: str) -> str:
        while (pin := new_pin(number)) == self.pins.get(number):
            pass
        return pin

    def restart(self) -> None:
        self.db.close()
        self.db = PeopleDb.open(self.folder)

    async def note(self, kind: str, facts: Mapping[str, str | int]) -> None:
        self.notes.append((kind, dict(facts)))

    def people(self, loop: VirtualLoop, at: datetime = START) -> StoredPeople:
        clock = VirtualClock(loop, at)
        return StoredPeople(
            self.db,
            self.hasher,
            clock=clock,
            runner=run_inline,
            note=self.note,
            badge_key=BADGE_KEY,
        )

    def run(
        self, work: Callable[[StoredPeople], Awaitable[object]], at: datetime = START
    ) -> object:
        """``work`` on a virtual loop whose clock shows ``at``."""

        async def main(loop: VirtualLoop) -> object:
            return await work(self.people(loop, at))

        return run_virtual(main)

    def refused(
        self, work: Callable[[StoredPeople], Awaitable[object]], at: datetime = START
    ) -> Failure:
        with pytest.raises(Failure) as caught:
            self.run(work, at)
        return caught.value

    def log_in(self, who: Who, pin: str, at: datetime = START) -> Person:
        person = self.run(lambda people: people.log_in(who, pin), at)
        assert isinstance(person, Person)
        return person

    def refused_login(self, who: Who, pin: str, at: datetime = START) -> Failure:
        return self.refused(lambda people: people.log_in(who, pin), at)

    def refused_approval(
        self, who: Who, pin: str, asked_by: str = "101", at: datetime = START
    ) -> Failure:
        return self.refused(lambda people: people.approve(who, pin, asked_by=asked_by), at)


def new_badge() -> Badge:
    return Badge(bench.new_badge())
