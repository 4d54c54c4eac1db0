"""A sale of the future is none: its till's clock is wrong, or ours is (R95)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from worlds.ledger import StandingClock, World

from pos_terminal.core.words import Words, say
from pos_terminal.texts import Language, render


class Doubting(StandingClock):
    """Nobody has said yet what time it is."""

    doubt: Words | None = say("clock.unproven")


@pytest.fixture
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    world = World(tmp_path_factory.mktemp("ledger"))
    yield world
    world.close()


def ahead(world: World, **by: float) -> str:
    """So much ahead of the terminal's clock, as a till in Tokyo writes it."""
    moment = world.clock.now() + timedelta(**by)
    return (moment + timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%S+09:00")


@pytest.mark.parametrize(
    ("by", "taken"),
    [
        ({"minutes": -1}, True),
        ({"minutes": 9, "seconds": 59}, True),
        ({"minutes": 10, "seconds": 1}, False),
        ({"days": 365}, False),
    ],
)
def test_it_is_refused_by_name_but_for_clocks_that_differ_a_little(
    world: World, by: dict[str, float], taken: bool
) -> None:
    report = world.take_in(world.record("S1", sold_at=ahead(world, **by)))
    assert [problem.code for problem in report.problems] == ([] if taken else ["future"])
    assert (world.store.sales.by_id("S1") is not None) is taken


def test_both_moments_are_named_in_both_languages(world: World) -> None:
    report = world.take_in(world.record("S1", sold_at="2027-01-05T10:00:00+08:00"))
    words = report.problems[0].words
    assert words is not None
    for language in Language:
        text = render(words, language)
        assert "2027-01-05T10:00+08:00" in text
        assert "2026-01-05 10:00" in text


def test_a_clock_in_doubt_judges_nobody(world: World) -> None:
    """A Pi without a battery starts where it was switched off: all of today would be refused."""
    world.clock = Doubting()
    store = world.reopen()
    world.sell("S1", sold_at=ahead(world, days=1))
    world.clock.doubt = None
    assert store is world.store
    report = world.take_in(world.record("S2", sold_at=ahead(world, days=1)))
    assert [problem.code for problem in report.problems] == ["future"]


def test_what_happened_to_a_sale_is_taken_whenever_it_says(world: World) -> None:
    """Without it the sale would be given back once more."""
    world.sell("S1")
    world.take_in(
        {
            "kind": "sale_voided",
            "sale_id": "S1",
            "at": ahead(world, days=1),
        }
    )
    assert world.sale("S1").state == "voided"


def test_a_payment_of_the_future_is_none_either(world: World) -> None:
    told = world.record("S1")
    told["tenders"] = [one | {"paid_at": ahead(world, hours=3)} for one in told["tenders"]]
    report = world.take_in(told)
    assert [problem.code for problem in report.problems] == ["future"]


@pytest.mark.parametrize(
    "event",
    [
        {"kind": "adjusted", "reference": "A1", "sale_id": "S1", "amount": 1},
        {"kind": "batch_closed", "terminal_id": "12345678", "batch": "1"},
    ],
)
def test_nor_does_what_counts_until_something_later_come_from_there(
    world: World, event: dict[str, object]
) -> None:
    """A total of 2099 would stand against every other one, for ever."""
    report = world.take_in(event | {"at": ahead(world, days=365)})
    assert [problem.code for problem in report.problems] == ["future"]
    assert world.take_in(event | {"at": ahead(world, hours=23)}).refused == 0


@pytest.mark.parametrize(
    "event",
    [
        {"kind": "sale_voided", "sale_id": "S1"},
        {"kind": "refunded_elsewhere", "reference": "E1", "sale_id": "S1", "amount": 1},
    ],
)
def test_what_went_back_counts_whenever_it_says_to_have_been(
    world: World, event: dict[str, object]
) -> None:
    assert world.take_in(event | {"at": ahead(world, days=365)}).refused == 0
