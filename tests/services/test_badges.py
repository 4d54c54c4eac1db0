"""A badge stands for the number and never for the PIN (R86); who asked is counted, too (R25)."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from worlds.failures import failure_of
from worlds.people import BOSS, CLERK, OTHER_BOSS, START, TECHNICIAN, Shop, new_badge
from worlds.provisioning import new_pin

from pos_terminal.core.people import LockedOut, Person, Role
from pos_terminal.ports import Scanned
from pos_terminal.ports.people import SUPERVISORS
from pos_terminal.services.security.people import StoredPeople
from pos_terminal.services.security.people_db import PeopleDb
from pos_terminal.services.security.pin_hash import PinHasher

pytestmark = pytest.mark.usefixtures("cheap_hashes")
EITHER = SUPERVISORS | {Role.TECHNICIAN}


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    """Everybody is there."""
    shop = Shop(tmp_path, PeopleDb.open(tmp_path), PinHasher(secrets.token_bytes(32)))
    for person in (CLERK, BOSS, OTHER_BOSS, TECHNICIAN):
        shop.add(person)
    yield shop
    shop.db.close()


# --- the badge ---


def test_badge_and_pin_approve_as_number_and_pin_do(shop: Shop) -> None:
    badge = shop.give_badge("201")
    pin = shop.pins["201"]
    assert shop.run(lambda people: people.approve(badge, pin, asked_by="101")) == BOSS
    assert shop.log_in(badge, pin) == BOSS


@pytest.mark.parametrize("pin", ["", "0", "anything"])
def test_a_badge_alone_approves_nothing(shop: Shop, pin: str) -> None:
    badge = shop.give_badge("201")
    assert shop.refused_approval(badge, pin).words.code == "people.wrong"


def test_wrong_pins_behind_a_badge_lock_its_owner(shop: Shop) -> None:
    badge = shop.give_badge("201")
    for _ in range(6):
        shop.refused(lambda people: people.log_in(badge, shop.wrong_pin("201")))
    assert shop.refused_login("201", shop.pins["201"]).words.code == "people.locked"


def test_an_unknown_badge_reads_like_a_wrong_pin_to_the_last_try(shop: Shop) -> None:
    """Nobody learns by trying which badges there are: not by words, delays or a lock."""
    known, unknown = shop.give_badge("201"), new_badge()
    told = {}
    for who in (known, unknown):

        async def all_tries(people: StoredPeople, who: object = who) -> list[object]:
            said: list[object] = []
            for _ in range(8):
                began = people._clock.monotonic()
                failure = await _failing(people, who)
                said.append((failure, round(people._clock.monotonic() - began, 3)))
            return said

        async def _failing(people: StoredPeople, who: object) -> object:
            try:
                await people.log_in(who, "918273645")  # type: ignore[arg-type] # of either kind
            except Exception as failure:
                return repr(failure)
            return None

        told[who] = shop.run(all_tries)
    assert told[known] == told[unknown]
    assert "people.locked" in str(told[unknown])


def test_a_badge_that_was_replaced_or_taken_away_is_an_unknown_one(shop: Shop) -> None:
    first = shop.give_badge("201")
    second = shop.give_badge("201")
    pin = shop.pins["201"]
    assert shop.refused_login(first, pin).words.code == "people.wrong"
    assert shop.log_in(second, pin) == BOSS
    shop.db.set_badge("201", None)
    assert shop.refused_login(second, pin).words.code == "people.wrong"


def test_a_badge_belongs_to_one_number(shop: Shop) -> None:
    shop.give_badge("201")
    token = shop.db._connection.execute("SELECT token FROM badges").fetchone()[0]
    assert failure_of(shop.db.set_badge, "202", token) == "people.badge_taken"
    assert failure_of(shop.db.set_badge, "555", token) == "people.unknown"
    assert [one.person.number for one in shop.db.entries() if one.badge] == ["201"]


def test_neither_the_files_nor_a_log_has_the_code_of_a_badge(shop: Shop) -> None:
    badge = shop.give_badge("201")
    code = badge.reveal()
    shop.log_in(badge, shop.pins["201"])
    shop.refused_login(badge, shop.wrong_pin("201"))
    shop.refused_login(new_badge(), new_pin())
    for path in shop.folder.iterdir():
        assert code.encode() not in path.read_bytes()
    assert code not in repr((badge, shop.notes, shop.db.entries()))
    for written in (code, code.lower(), code[:-1], f" {code}"):
        assert code[6:-1] not in repr(Scanned(written)).upper()
    assert [kind for kind, _ in shop.notes] == ["login_wrong", "login_unknown"]


def test_a_token_needs_the_terminals_key(shop: Shop) -> None:
    """A copy of the file elsewhere knows no badge, though all its code is known."""
    badge = shop.give_badge("201")

    async def elsewhere(people: StoredPeople) -> object:
        people._badge_key = bytes(32)
        return await people.log_in(badge, shop.pins["201"])

    assert shop.refused(elsewhere).words.code == "people.wrong"


# --- who asked ---


def test_a_wrong_pin_at_a_supervisors_prompt_counts_against_who_asked(shop: Shop) -> None:
    """Two supervisors' PINs are tried in turn: six tries are six, across restarts."""
    for place in range(5):
        who = ("201", "202")[place % 2]
        assert shop.refused_approval(who, shop.wrong_pin(who)).words.code == "people.wrong"
        shop.restart()
    sixth = shop.refused_approval("202", shop.wrong_pin("202"))
    assert (sixth.words.code, dict(sixth.words.values)) == ("people.asker_locked", {"minutes": 30})
    shop.restart()
    right = shop.refused_approval("201", shop.pins["201"], at=START + timedelta(minutes=10))
    assert (right.words.code, dict(right.words.values)) == ("people.asker_locked", {"minutes": 20})
    assert shop.refused_login("101", shop.pins["101"]).words.code == "people.locked"
    assert shop.log_in("201", shop.pins["201"]) == BOSS
    assert ("login_locked", {"number": "101"}) in shop.notes


def test_an_unknown_badge_counts_against_who_asked_as_well(shop: Shop) -> None:
    codes = [shop.refused_approval(new_badge(), new_pin()).words.code for _ in range(6)]
    assert codes == ["people.wrong"] * 5 + ["people.asker_locked"]


def test_a_right_approval_takes_back_its_own_try_alone(shop: Shop) -> None:
    for _ in range(5):
        shop.refused_approval("201", shop.wrong_pin("201"))
        shop.run(lambda people: people.approve("201", shop.pins["201"], asked_by="101"))
    entry = shop.db.entry("101")
    assert entry is not None
    assert (entry.wrong_that_day, entry.locked_until) == (5, None)
    assert shop.refused_approval("202", shop.wrong_pin("202")).words.code == "people.asker_locked"


def test_the_try_is_counted_against_both_before_the_pin_is_looked_at(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:

    def power_cut(*_: object) -> bool:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(PinHasher, "fits", power_cut)
        for _ in range(6):
            with pytest.raises(KeyboardInterrupt):
                shop.run(lambda people: people.approve("201", shop.pins["201"], asked_by="101"))
            shop.restart()
    for number in ("101", "201"):
        assert shop.refused_login(number, shop.pins[number]).words.code == "people.locked"


def test_who_approves_what_they_asked_for_is_counted_once(shop: Shop) -> None:
    failure = shop.refused_approval("201", shop.wrong_pin("201"), asked_by="201")
    assert dict(failure.words.values) == {"left": 5}


@pytest.mark.parametrize("who", ["201", "202", "999", "000000"])
def test_what_is_left_is_what_is_left_to_the_clerk_who_asked(shop: Shop, who: str) -> None:
    """Each number has tries of its own, and the clerk's end first."""
    for left in (5, 4, 3):
        failure = shop.refused_approval(str(500 + left), "482913", asked_by="101")
        assert dict(failure.words.values) == {"left": left}
    failure = shop.refused_approval(who, shop.wrong_pin("201"), asked_by="101")
    assert dict(failure.words.values) == {"left": 2}


# --- the end of a lock, and what is told ---


def lock(shop: Shop, number: str = "101") -> None:
    for _ in range(6):
        shop.refused_login(number, shop.wrong_pin(number))


def test_two_others_end_a_lock_and_the_person_is_told_until_they_have_heard(shop: Shop) -> None:
    lock(shop)
    assert shop.run(lambda people: people.locked()) == [CLERK]
    assert shop.run(lambda people: people.unlock("101", ("201", "901"))) == 6
    shop.restart()
    assert shop.run(lambda people: people.locked()) == []
    assert dict(shop.refused_login("101", shop.wrong_pin("101")).words.values) == {"left": 5}
    assert shop.log_in("101", shop.pins["101"]) == CLERK
    news = shop.run(lambda people: people.news("101"))
    assert news == LockedOut(7, locked=True, unlocked_by=("201", "901"))
    shop.restart()
    assert shop.run(lambda people: people.news("101")) == news
    shop.run(lambda people: people.heard("101"))
    assert shop.run(lambda people: people.news("101")) is None
    assert ("person_unlocked", {"number": "101", "by": "201 901", "wrong": 6}) in shop.notes


@pytest.mark.parametrize("by", [("201", "201"), ("101", "201"), ("201", "101")])
def test_it_takes_two_and_neither_is_the_one_who_is_locked(shop: Shop, by: tuple[str, str]) -> None:
    lock(shop)
    failure = shop.refused(lambda people: people.unlock("101", by))
    assert failure.words.code == "people.unlocks_self"
    assert shop.run(lambda people: people.locked()) == [CLERK]


def test_who_is_locked_unlocks_nobody_and_approves_nothing(shop: Shop) -> None:
    lock(shop, "201")
    badge = shop.give_badge("201")
    for who in ("201", badge):
        failure = shop.refused_approval(who, shop.pins["201"], asked_by="102")
        assert failure.words.code == "people.locked"


def test_a_lock_that_ran_out_is_told_without_names(shop: Shop) -> None:
    lock(shop)
    later = START + timedelta(minutes=31)
    shop.log_in("101", shop.pins["101"], later)
    news = shop.run(lambda people: people.news("101"), later)
    assert news == LockedOut(6, locked=True)


def test_what_one_mistypes_is_no_news_and_what_others_try_is(shop: Shop) -> None:
    for _ in range(2):
        shop.refused_login("101", shop.wrong_pin("101"))
    assert shop.run(lambda people: people.news("101")) is None
    shop.refused_login("101", shop.wrong_pin("101"))
    assert shop.run(lambda people: people.news("101")) == LockedOut(3, locked=False)


@pytest.mark.parametrize(
    ("number", "roles", "code"),
    [
        ("901", SUPERVISORS, "people.not_supervisor"),
        ("101", EITHER, "people.neither"),
        ("901", EITHER, None),
    ],
)
def test_a_technician_is_taken_only_where_one_is_asked_for(
    shop: Shop, number: str, roles: frozenset[Role], code: str | None
) -> None:
    async def asked(people: StoredPeople) -> Person:
        return await people.approve(number, shop.pins[number], asked_by="102", roles=roles)

    if code is None:
        assert shop.run(asked) == TECHNICIAN
    else:
        assert shop.refused(asked).words.code == code
