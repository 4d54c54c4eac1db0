"""Badges, wrong PINs and locks in simulated days: what watches them is sharp."""

from __future__ import annotations

from contextlib import nullcontext

import pytest
from hw_sim.proofs.simulation.clerk import SimClerk
from hw_sim.proofs.simulation.invariants.staff import locked_ones
from hw_sim.proofs.simulation.mutants import STAFF
from hw_sim.proofs.simulation.site import Site, run_site
from hw_sim.proofs.simulation.staff_truth import StaffTruth
from worlds.stories import told_by

from pos_terminal.core.people import Role

MUTANTS = {
    "a badge is enough": "was approved without the PIN of",
    "a lock keeps nobody out": "approved while locked",
}


def test_every_mutant_of_staff_is_tried() -> None:
    assert MUTANTS.keys() == STAFF.keys()


@pytest.mark.parametrize("name", [None, *MUTANTS])
@told_by(run_site)
async def test_a_mutant_of_badges_and_locks_is_noticed(site: Site, name: str | None) -> None:
    """None: without a mutant nothing is."""
    site.start()
    clerk, truth = SimClerk(site), StaffTruth(site)
    boss = site.shop.person(Role.SUPERVISOR)
    with STAFF[name]() if name else nullcontext():
        for _ in range(6):
            await clerk.at(f"login.number: {boss.number} enter", "login.pin: 7391 enter")
            if await clerk.wait("login.failed", "home") == "home":
                return
            clerk.press("enter")
        await clerk.log_in()
        await clerk.ask_for(site.shop.sale("visa-older"), 100)
        wrong = name == "a badge is enough"
        await clerk.approve_by_badge(1, pin="7391" if wrong else None)
        await clerk.wait("card.present", "supervisor.number")
        await clerk.home()
        await clerk.ask_for(site.shop.sale("mastercard-older"), 100)
        await clerk.approve()
        await clerk.wait("card.present", "supervisor.number")
    truth.look()
    found = "\n".join([*site.objections, *locked_ones(site)])
    assert MUTANTS[name] in found if name else found == ""
