"""Cards at the counter, on the whole terminal."""

from __future__ import annotations

from typing import Any

import pytest
from hw_sim.proofs.simulation.clerk import SimClerk
from hw_sim.proofs.simulation.invariants import violations
from hw_sim.proofs.simulation.site import Site, run_site
from worlds.stories import told_by

MOST_READINGS = 20


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
