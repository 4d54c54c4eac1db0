"""Faults are healed and time passes: until every intent has ended and every slip is out."""

from __future__ import annotations

import asyncio
from typing import Final

from hw_sim.proofs.simulation.clerk import SimClerk
from hw_sim.proofs.simulation.invariants import left_to_people
from hw_sim.proofs.simulation.site import Site
from pos_terminal.ports import JobState

LONGEST: Final = 8 * 3600.0
"""Virtual seconds until everything must have ended: background tries are an hour apart."""
_LOOKS: Final = (2.0, 300.0)
"""Virtual seconds between looks, first and longest: background tries are minutes apart."""


async def come_to_rest(site: Site, clerk: SimClerk) -> None:
    """Home again with nothing open, or after ``LONGEST``; the invariants say then what is."""
    end = site.loop.time() + LONGEST
    pause, longest = _LOOKS
    while True:
        await clerk.home()
        if site.ledger.slips.in_state(JobState.UNKNOWN):
            await _ask_about_slips(clerk)
        elif at_rest(site):
            return
        if site.loop.time() > end:
            return
        await asyncio.sleep(pause)
        pause = min(2 * pause, longest)


def at_rest(site: Site) -> bool:
    """Whether nothing goes on by itself any more."""
    waiting = site.ledger.slips.in_state(JobState.READY, JobState.SENDING, JobState.UNKNOWN)
    open_ones = site.ledger.refunds.open_ones()
    return not waiting and all(left_to_people(site, refund) for refund in open_ones)


async def _ask_about_slips(clerk: SimClerk) -> None:
    """Interrupted slips are asked about when the home screen begins again."""
    clerk.press("menu")
    if await clerk.wait("menu", "lock.pin", seconds=30) == "menu":
        clerk.press("cancel")
        await clerk.wait("print.unsure", "home", seconds=30)
