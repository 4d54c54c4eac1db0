"""No question about a slip to which nothing happened, whatever a printer can tell (R42)."""

from __future__ import annotations

import asyncio

import pytest
from hw_sim.printer.models import MODELS
from hw_sim.proofs.simulation.clerk import SimClerk
from hw_sim.proofs.simulation.invariants import violations
from hw_sim.proofs.simulation.mutants import PAPER
from hw_sim.proofs.simulation.rest import come_to_rest
from hw_sim.proofs.simulation.site import Site, run_site


def told(model: str) -> list[str]:
    """A refund at a counter with this printer, to its end; what does not hold then."""

    async def story(site: Site) -> list[str]:
        site.parts.printer.become(MODELS[model])
        site.start()
        clerk = SimClerk(site)
        await clerk.log_in()
        await asyncio.sleep(10)  # the slowest of them is heard of only then
        await clerk.give_back(site.shop.sale("visa-older"), 123)
        await clerk.home()
        await come_to_rest(site, clerk)
        asked = ["asked"] if "print.unsure" in site.trace else []
        return [*violations(site), *asked]

    return run_site(story)


@pytest.mark.parametrize("model", MODELS)
def test_nothing_happened_and_nobody_is_asked(model: str) -> None:
    assert told(model) == []


@pytest.mark.parametrize("model", [name for name in MODELS if name != "full"])
def test_a_terminal_that_asks_all_the_same_is_noticed(model: str) -> None:
    with PAPER["not told is not printed"]():
        found = "\n".join(told(model))
    assert "no_end, of which there is none" in found
