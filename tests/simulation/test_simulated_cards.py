"""Cards at the counter, on the whole terminal."""

from __future__ import annotations

from contextlib import nullcontext
from typing import Any

import pytest
from hw_sim.proofs.simulation.clerk import SimClerk
from hw_sim.proofs.simulation.day import run_day
from hw_sim.proofs.simulation.invariants import violations
from hw_sim.proofs.simulation.invariants.right_card import right_card
from hw_sim.proofs.simulation.mutants import CARDS
from hw_sim.proofs.simulation.site import Site, run_site
from hw_sim.proofs.simulation.stories import SECOND_NUMBER
from worlds.stories import told_by

MOST_READINGS = 20
TELLING = 61
"""A day that noticed it when they were last looked through."""
MOST_DAYS = 60
"""Such a day comes sooner, whatever else its people do."""


@pytest.mark.parametrize("bad", ["blocked", "two-cards"])
@told_by(run_site)
async def test_bad_cards_in_both_readers_are_read_once_each(site: Site, bad: str) -> None:
    """Each was taken for a new one after the other: the terminal read them for ever."""
    site.start()
    clerk = SimClerk(site)
    readers = site.parts.readers
    connect, readings = readers.connect, []

    async def counted(reader: str) -> Any:
        readings.append(reader)
        assert len(readings) < MOST_READINGS, "the cards are read again and again"
        return await connect(reader)

    readers.connect = counted  # type: ignore[method-assign] # put in its place
    await clerk.log_in()
    await clerk.ask_for(site.shop.sale("visa-older"))
    clerk.tap("storage")
    clerk.insert(bad)
    await clerk.approve()
    await site.until(lambda: len(readings) >= 2, 30, "second reading")
    await clerk.wait("card.present")
    read_so_far = len(readings)
    assert sorted(set(readings)) == sorted(readers.present())
    clerk.take_away()
    assert read_so_far == 2
    assert await clerk.show_card("visa") == "result"
    await clerk.home()
    assert violations(site) == []


MUTANTS = {
    "first application alone": "was called another one",
    "first number goes out": "is not the number of its payment",
}


def test_every_mutant_of_cards_is_tried() -> None:
    assert MUTANTS.keys() == CARDS.keys()


@pytest.mark.parametrize("name", [None, *MUTANTS])
@told_by(run_site)
async def test_a_mutant_of_several_applications_is_noticed(site: Site, name: str | None) -> None:
    """None: without a mutant nothing is."""
    site.start()
    with CARDS[name]() if name else nullcontext():
        await SECOND_NUMBER.tell(SimClerk(site))
    found = "\n".join(right_card(site))
    assert MUTANTS[name] in found if name else found == ""


def test_seeded_days_notice_one_that_stops_at_the_first_application() -> None:
    name = "first application alone"
    with CARDS[name]():
        days = (run_day(seed) for seed in (TELLING, *range(MOST_DAYS)))
        assert any(MUTANTS[name] in problem for day in days for problem in day.problems)
