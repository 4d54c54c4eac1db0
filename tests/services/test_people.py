"""Log-in, lock-out and PIN rules, counted across restarts (R22, R25)."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import secrets
import sqlite3
import threading
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path
from typing import TypeVar

import pytest
from hw_sim.virtual import VirtualClock, VirtualLoop, run_virtual
from worlds.failures import failure_of
from worlds.people import BADGE_KEY, BOSS, CLERK, START, Shop
from worlds.provisioning import new_pin

from pos_terminal.core.people import Person, Role
from pos_terminal.core.words import Failure
from pos_terminal.services.security.people import StoredPeople
from pos_terminal.services.security.people_db import PEOPLE_FILE, PeopleDb
from pos_terminal.services.security.pin_hash import PinHasher

T = TypeVar("T")
pytestmark = pytest.mark.usefixtures("cheap_hashes")


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    shop = Shop(tmp_path, PeopleDb.open(tmp_path), PinHasher(secrets.token_bytes(32)))
    yield shop
    shop.db.close()


@pytest.fixture
def pin(shop: Shop) -> str:
    """Of the clerk, who is there."""
    return shop.add(CLERK)


def test_the_right_pin_gives_the_person(shop: Shop, pin: str) -> None:
    assert shop.log_in("101", pin) == CLERK


def test_a_wrong_pin_and_an_unknown_number_read_the_same(shop: Shop) -> None:
    shop.add(CLERK)
    wrong = shop.refused_login("101", shop.wrong_pin("101"))
    unknown = shop.refused_login("999", new_pin())
    assert wrong.words == unknown.words
    assert dict(wrong.words.values) == {"left": 5}


@pytest.mark.parametrize("number", ["", "1" * 500, "10'1", "１０１", "\0"])
def test_a_number_that_is_none_is_just_wrong(shop: Shop, number: str) -> None:
    shop.add(CLERK)
    assert shop.refused_login(number, new_pin()).words.code == "people.wrong"


def test_six_wrong_pins_lock_for_thirty_minutes_across_restarts(shop: Shop, pin: str) -> None:
    for left in (5, 4, 3, 2, 1):
        failure = shop.refused_login("101", shop.wrong_pin("101"))
        assert dict(failure.words.values) == {"left": left}
        shop.restart()
    sixth = shop.refused_login("101", shop.wrong_pin("101"))
    assert (sixth.words.code, dict(sixth.words.values)) == ("people.locked", {"minutes": 30})
    shop.restart()
    almost = START + timedelta(minutes=29, seconds=30)
    still = shop.refused_login("101", pin, almost)
    assert (still.words.code, dict(still.words.values)) == ("people.locked", {"minutes": 1})
    assert shop.log_in("101", pin, START + timedelta(minutes=30)) == CLERK


def test_after_a_lock_the_count_starts_anew(shop: Shop) -> None:
    shop.add(CLERK)
    for _ in range(6):
        shop.refused_login("101", shop.wrong_pin("101"))
    failure = shop.refused_login("101", shop.wrong_pin("101"), START + timedelta(hours=1))
    assert dict(failure.words.values) == {"left": 5}


def test_a_right_pin_takes_back_none_of_the_days_wrong_ones(shop: Shop, pin: str) -> None:
    """Whoever knows a PIN of their own must not have five tries at it, again and again (R25)."""
    for _ in range(5):
        shop.refused_login("101", shop.wrong_pin("101"))
        assert shop.log_in("101", pin) == CLERK
        shop.restart()
    assert shop.refused_login("101", shop.wrong_pin("101")).words.code == "people.locked"
    assert shop.refused_login("101", pin).words.code == "people.locked"
    after = START + timedelta(minutes=30)
    assert shop.log_in("101", pin, after) == CLERK
    assert dict(shop.refused_login("101", shop.wrong_pin("101"), after).words.values) == {"left": 5}


def test_a_new_day_of_the_shop_begins_a_count_of_its_own(shop: Shop, pin: str) -> None:
    evening = datetime.fromisoformat("2026-11-22T23:59:00+08:00")  # 15:59 UTC
    for _ in range(5):
        shop.refused_login("101", shop.wrong_pin("101"), evening)
    shop.log_in("101", pin, evening)
    morning = shop.refused_login("101", shop.wrong_pin("101"), evening + timedelta(minutes=1))
    assert dict(morning.words.values) == {"left": 5}


def test_midnight_gives_no_tries_at_a_pin_that_nobody_knows(shop: Shop) -> None:
    """Six in a row lock, whatever the day."""
    shop.add(CLERK)
    evening = datetime.fromisoformat("2026-11-22T23:59:00+08:00")
    for _ in range(5):
        shop.refused_login("101", shop.wrong_pin("101"), evening)
    sixth = shop.refused_login("101", shop.wrong_pin("101"), evening + timedelta(minutes=1))
    assert sixth.words.code == "people.locked"


def test_a_clock_set_back_to_yesterday_takes_back_none_of_todays(shop: Shop, pin: str) -> None:
    for _ in range(5):
        shop.refused_login("101", shop.wrong_pin("101"))
    shop.log_in("101", pin)
    back = shop.refused_login("101", shop.wrong_pin("101"), START - timedelta(days=1))
    assert back.words.code == "people.locked"


def test_one_persons_lock_is_not_anothers(shop: Shop) -> None:
    shop.add(CLERK)
    boss_pin = shop.add(BOSS)
    for _ in range(6):
        shop.refused_login("101", shop.wrong_pin("101"))
    assert shop.log_in("201", boss_pin) == BOSS


def test_a_clock_set_back_keeps_nobody_out_for_longer_than_a_lock(shop: Shop, pin: str) -> None:
    for _ in range(6):
        shop.refused_login("101", shop.wrong_pin("101"))

    async def main(loop: VirtualLoop) -> tuple[object, Person]:
        people = shop.people(loop, START - timedelta(days=2000))
        with pytest.raises(Failure) as caught:
            await people.log_in("101", pin)
        await asyncio.sleep(30 * 60)
        return dict(caught.value.words.values), await people.log_in("101", pin)

    assert run_virtual(main) == ({"minutes": 30}, CLERK)


def test_a_restart_with_a_clock_of_1970_shortens_no_lock(shop: Shop, pin: str) -> None:
    for _ in range(6):
        shop.refused_login("101", shop.wrong_pin("101"))
    shop.refused_login("101", pin, datetime.fromisoformat("1970-01-01T08:00:00+08:00"))
    shop.restart()
    failure = shop.refused_login("101", pin, START + timedelta(minutes=10))
    assert dict(failure.words.values) == {"minutes": 20}


def test_the_count_is_durable_before_the_pin_is_looked_at(
    shop: Shop, pin: str, monkeypatch: pytest.MonkeyPatch
) -> None:

    def power_cut(*_: object) -> bool:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(PinHasher, "fits", power_cut)
        for _ in range(6):
            with pytest.raises(KeyboardInterrupt):
                shop.log_in("101", pin)
            shop.restart()
    assert shop.refused_login("101", pin).words.code == "people.locked"


def test_a_full_disk_gives_no_tries_for_nothing(shop: Shop, pin: str) -> None:
    shop.restart()
    shop.db._connection.execute("PRAGMA query_only = ON")
    failure = shop.refused_login("101", pin)
    assert failure.words.code == "people.store"


def test_each_wrong_pin_makes_the_next_try_wait_twice_as_long(shop: Shop) -> None:
    shop.add(CLERK)

    async def main(loop: VirtualLoop) -> list[float]:
        people, at = shop.people(loop), [loop.time()]
        for _ in range(6):
            with pytest.raises(Failure):
                await people.log_in("101", shop.wrong_pin("101"))
            at.append(loop.time())
        return [round(later - earlier, 3) for earlier, later in itertools.pairwise(at)]

    assert run_virtual(main) == [0, 1, 2, 4, 8, 16]


def test_tries_at_once_wait_for_each_other(shop: Shop) -> None:
    shop.add(CLERK)

    async def main(loop: VirtualLoop) -> tuple[list[str], float]:
        people = shop.people(loop)
        tries = (people.log_in("101", shop.wrong_pin("101")) for _ in range(8))
        answers = await asyncio.gather(*tries, return_exceptions=True)
        keys = [answer.words.code for answer in answers if isinstance(answer, Failure)]
        return keys, loop.time()

    keys, seconds = run_virtual(main)
    assert sorted(keys) == ["people.locked"] * 3 + ["people.wrong"] * 5
    assert seconds == pytest.approx(1 + 2 + 4 + 8 + 16)


def test_somebody_elses_delay_holds_nobody_up(shop: Shop) -> None:
    shop.add(CLERK)
    boss_pin = shop.add(BOSS)

    async def main(loop: VirtualLoop) -> float:
        people = shop.people(loop)
        for _ in range(3):
            with pytest.raises(Failure):
                await people.log_in("101", shop.wrong_pin("101"))
        before = loop.time()
        await people.log_in("201", boss_pin)
        return loop.time() - before

    assert run_virtual(main) == 0


def test_a_cancelled_try_counts_and_opens_the_gate_again(shop: Shop, pin: str) -> None:

    async def main(loop: VirtualLoop) -> Person:
        people = shop.people(loop)
        with pytest.raises(Failure):
            await people.log_in("101", shop.wrong_pin("101"))
        waiting = asyncio.create_task(people.log_in("101", pin))
        await asyncio.sleep(0.1)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        return await people.log_in("101", pin)

    assert run_virtual(main) == CLERK


def test_the_audit_names_the_number_but_never_what_was_typed_for_an_unknown_one(shop: Shop) -> None:
    shop.add(CLERK)
    typed_in_the_wrong_place = new_pin()
    for number in ("101", typed_in_the_wrong_place):
        shop.refused_login(number, shop.wrong_pin("101"))
    assert shop.notes == [("login_wrong", {"number": "101", "left": 5}), ("login_unknown", {})]


def test_hashes_and_commits_are_never_made_on_the_loop(
    shop: Shop, pin: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads: list[str] = []
    for kind, name in ((PinHasher, "fits"), (PinHasher, "hash"), (PeopleDb, "begin_try")):
        real = getattr(kind, name)

        def watched(*args: object, real: Callable[..., object] = real) -> object:
            threads.append(threading.current_thread().name)
            return real(*args)

        monkeypatch.setattr(kind, name, watched)

    async def main() -> None:
        with (
            ThreadPoolExecutor(1, thread_name_prefix="worker") as pool,
            contextlib.closing(VirtualLoop()) as other,
        ):
            loop, clock = asyncio.get_running_loop(), VirtualClock(other, START)

            async def in_pool(function: Callable[[], T]) -> T:
                return await loop.run_in_executor(pool, function)

            people = StoredPeople(
                shop.db, shop.hasher, badge_key=BADGE_KEY, clock=clock, runner=in_pool
            )
            await people.log_in("101", pin)
            await people.change_pin("101", pin, shop.wrong_pin("101"))

    asyncio.run(main())
    assert len(threads) >= 6
    assert set(threads) == {"worker_0"}


# --- roles, approvals, disabling ---


def test_a_supervisor_approves_and_a_clerk_does_not(shop: Shop) -> None:
    pin, boss_pin = shop.add(CLERK), shop.add(BOSS)
    assert shop.run(lambda people: people.approve("201", boss_pin)) == BOSS
    failure = shop.refused(lambda people: people.approve("101", pin))
    assert failure.words.code == "people.not_supervisor"


def test_wrong_pins_at_an_approval_count_too(shop: Shop) -> None:
    boss_pin = shop.add(BOSS)
    for _ in range(6):
        shop.refused(lambda people: people.approve("201", shop.wrong_pin("201")))
    assert shop.refused_login("201", boss_pin).words.code == "people.locked"


def test_nobody_approves_with_a_pin_that_somebody_else_knows(shop: Shop) -> None:
    fresh = Person("202", "陈静", Role.SUPERVISOR, must_change=True)
    pin = shop.add(fresh)
    failure = shop.refused(lambda people: people.approve("202", pin))
    assert failure.words.code == "people.must_change"


def test_a_disabled_person_is_told_so_only_with_the_right_pin(shop: Shop, pin: str) -> None:
    shop.run(lambda people: people.disable("101"))
    assert shop.refused_login("101", pin).words.code == "people.disabled"
    assert shop.refused_login("101", shop.wrong_pin("101")).words.code == "people.wrong"
    assert shop.notes[0] == ("person_disabled", {"number": "101"})


def test_unknown_people_can_be_neither_disabled_nor_reset(shop: Shop) -> None:
    for work in (
        lambda people: people.disable("555"),
        lambda people: people.reset_pin("555", new_pin("555")),
    ):
        assert shop.refused(work).words.code == "people.unknown"


def test_adding_a_taken_number_changes_nothing(shop: Shop, pin: str) -> None:
    other = Person("101", "王芳", Role.SUPERVISOR)
    failure = shop.refused(lambda people: people.add(other, new_pin()))
    assert failure.words.code == "people.exists"
    assert shop.log_in("101", pin) == CLERK


def test_people_are_listed_without_hashes(shop: Shop) -> None:
    shop.add(BOSS)
    shop.add(CLERK)
    entries = shop.run(lambda people: people.everybody())
    assert isinstance(entries, list)
    assert [entry.person for entry in entries] == [CLERK, BOSS]
    assert "argon2" not in repr(entries)


def test_trading_takes_a_supervisor_and_somebody_else(shop: Shop) -> None:
    async def provisioned(people: StoredPeople) -> bool:
        return await people.provisioned()

    found = [shop.run(provisioned)]
    for person in (CLERK, Person("901", "刘强", Role.TECHNICIAN), BOSS):
        shop.add(person)
        found.append(shop.run(provisioned))
    shop.run(lambda people: people.disable("201"))
    found.append(shop.run(provisioned))
    assert found == [False, False, False, True, False]


# --- changing a PIN ---


def test_a_pin_set_by_somebody_else_must_be_changed_first(shop: Shop) -> None:
    given = new_pin("102")
    shop.run(lambda people: people.add(Person("102", "王芳", Role.CLERK, True), given))
    assert shop.log_in("102", given).must_change
    chosen = new_pin("102")
    shop.run(lambda people: people.change_pin("102", given, chosen))
    shop.restart()
    assert not shop.log_in("102", chosen).must_change
    assert shop.refused_login("102", given).words.code == "people.wrong"


def test_a_pin_older_than_ninety_days_must_be_changed(shop: Shop, pin: str) -> None:
    assert not shop.log_in("101", pin, START + timedelta(days=90)).must_change
    assert shop.log_in("101", pin, START + timedelta(days=90, seconds=1)).must_change


def change(old: str, new: str) -> Callable[[StoredPeople], Awaitable[object]]:
    return lambda people: people.change_pin("101", old, new)


def test_the_last_four_pins_are_refused_and_the_fifth_is_not(shop: Shop) -> None:
    pins = [shop.add(CLERK)]
    for _ in range(4):
        new = new_pin()
        while new in pins:
            new = new_pin()
        shop.run(change(pins[-1], new))
        pins.append(new)
    for used in pins[1:]:
        failure = shop.refused(change(pins[-1], used))
        assert failure.words.code == "people.reused"
    shop.run(change(pins[-1], pins[0]))
    assert shop.log_in("101", pins[0]) == CLERK


@pytest.mark.parametrize(
    ("new", "key"),
    [
        ("111111", "people.trivial"),
        ("123456", "people.trivial"),
        ("654321", "people.trivial"),
        ("890123", "people.trivial"),
        ("121212", "people.trivial"),
        ("0101", "people.trivial"),
        ("123", "people.length"),
        ("1739" * 4, "people.length"),
        ("17a935", "people.length"),
        ("", "people.length"),
        ("１７３９５２", "people.length"),
    ],
)
def test_a_poor_pin_is_refused_and_the_old_one_stays(
    shop: Shop, pin: str, new: str, key: str
) -> None:
    failure = shop.refused(lambda people: people.change_pin("101", pin, new))
    assert failure.words.code == key
    assert new == "" or new not in str(failure)
    assert shop.log_in("101", pin) == CLERK


def test_changing_with_a_wrong_old_pin_counts_as_a_try(shop: Shop) -> None:
    shop.add(CLERK)
    failure = shop.refused(
        lambda people: people.change_pin("101", shop.wrong_pin("101"), new_pin())
    )
    assert dict(failure.words.values) == {"left": 5}


def test_a_reset_pin_lifts_the_lock_and_must_be_changed(shop: Shop) -> None:
    shop.add(CLERK)
    for _ in range(6):
        shop.refused_login("101", shop.wrong_pin("101"))
    reset = new_pin()
    shop.run(lambda people: people.reset_pin("101", reset))
    assert shop.log_in("101", reset).must_change


# --- the file ---


def test_neither_pins_nor_their_digits_are_in_the_file(shop: Shop, pin: str) -> None:
    shop.log_in("101", pin)
    for path in shop.folder.iterdir():
        assert pin.encode() not in path.read_bytes()
    assert (shop.folder / PEOPLE_FILE).stat().st_mode & 0o777 == 0o600


def test_a_hash_put_into_another_persons_row_fits_nobody(shop: Shop) -> None:
    shop.add(BOSS)
    pin = shop.add(CLERK)
    shop.db._connection.execute(
        "UPDATE pins SET hash = (SELECT hash FROM pins WHERE number = '101') WHERE number = '201'"
    )
    assert shop.refused_login("201", pin).words.code == "people.wrong"


@pytest.mark.parametrize("stored", ["", "nonsense", "$argon2id$v=19$m=8,t=1,p=1$AAAA$AAAA"])
def test_a_damaged_hash_fits_no_pin(shop: Shop, stored: str) -> None:
    assert not shop.hasher.fits(stored, "101", new_pin())


def test_a_later_versions_file_is_refused(shop: Shop) -> None:
    shop.db._connection.execute("PRAGMA user_version = 99")
    shop.db.close()
    assert failure_of(PeopleDb.open, shop.folder) == "people.newer"


def test_a_file_of_garbage_is_refused(tmp_path: Path) -> None:
    (tmp_path / PEOPLE_FILE).write_bytes(b"garbage " * 1000)
    assert failure_of(PeopleDb.open, tmp_path) == "people.store"


def test_commits_are_durable_and_tables_strict(shop: Shop) -> None:
    connection = shop.db._connection
    assert connection.execute("PRAGMA synchronous").fetchone() == (2,)
    assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    shop.add(CLERK)
    with pytest.raises(sqlite3.IntegrityError):
        connection.execute("UPDATE people SET wrong = -1")


def test_the_hash_costs_what_it_should(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    stored = PinHasher(secrets.token_bytes(32)).hash("101", new_pin())
    assert stored.startswith("$argon2id$v=19$m=7168,t=5,p=1$")
