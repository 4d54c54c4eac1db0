"""A date that NTP does not vouch for is a supervisor's to confirm, before money moves (R70)."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import timedelta
from unittest.mock import patch

import pytest
from hw_sim.proofs.simulation.clerk import SimClerk
from hw_sim.proofs.simulation.invariants import violations
from hw_sim.proofs.simulation.site import Site, run_site
from worlds.counter import ENGLISH, logged_in

from pos_terminal.services.ledger import audit
from pos_terminal.services.process import trusted_clock

Story = Callable[[SimClerk], Awaitable[None]]

AWAY = timedelta(days=3, minutes=7)
"""The terminal was switched off; its own clock has no battery and stands where it stood."""


def tell(story: Story, *, away: timedelta, truly: bool, synchronised: bool = False) -> None:
    """The terminal starts with a clock that NTP keeps or does not, and an acquirer whose clock is
    ``away`` from it; ``truly``: it is the acquirer's that is right."""

    async def whole(site: Site) -> None:
        site.parts.synchronised = synchronised
        site.acquirers_time.set(site.time.now() + away)
        if truly:
            site.time.set(site.time.now() + away)
        site.start()
        clerk = SimClerk(site)
        await clerk.wait_for_life()
        await clerk.log_in()
        await asyncio.sleep(30)  # the sign-on behind
        await story(clerk)
        assert site.crashes == []

    run_site(whole, ENGLISH)


async def refund(clerk: SimClerk) -> None:
    """From home to whatever comes first."""
    clerk.scan(clerk.site.shop.sale("visa-older").receipt_no)
    await clerk.wait("clock.confirm", "sale", "failure")


def test_the_date_is_shown_and_a_supervisor_confirms_it() -> None:
    async def story(clerk: SimClerk) -> None:
        await refund(clerk)
        assert clerk.prompt == "clock.confirm"
        shown = clerk.text.replace("\n", " ")
        assert "Is it 2026-11-23 13:07 now?" in shown
        assert "Last entry: 2026-11-20 13:00" in shown
        clerk.press("enter")
        await clerk.approve()
        await clerk.wait("sale")
        await clerk.home()
        await clerk.give_back(clerk.site.shop.sale("visa-older"), 123)
        await clerk.wait("result")
        (entry,) = clerk.site.ledger.db.execute(
            "SELECT facts FROM audit WHERE kind = 'clock_confirmed'"
        ).fetchall()
        facts = json.loads(entry["facts"])
        assert facts["supervisor"] == clerk.site.shop.staff[2].number
        assert facts["said"] == "2026-11-23 13:07"
        (off,) = clerk.site.sealed_off
        assert abs(off) < timedelta(seconds=5)

    tell(story, away=AWAY, truly=True)


def test_a_date_that_is_not_confirmed_stays_in_doubt() -> None:
    """The acquirer's clock is the one that is wrong: once it is right again, trade goes on."""

    async def story(clerk: SimClerk) -> None:
        for _ in range(2):
            await refund(clerk)
            assert clerk.prompt == "clock.confirm"
            await clerk.go("cancel", to="home")
        assert clerk.site.ledger.applications.by_number(1) is None
        clerk.site.acquirers_time.set(clerk.site.time.now())
        await refund(clerk)
        assert clerk.prompt == "sale"

    tell(story, away=AWAY, truly=False)


def test_a_sign_on_in_the_middle_of_a_refund_asks_too() -> None:
    """The acquirer demands one, and tells another date than this morning's."""

    async def story(clerk: SimClerk) -> None:
        sale = clerk.site.shop.sale("visa-older")
        clerk.site.acquirer.set_mode("demand:3", 1)
        await clerk.give_back(sale, 100)
        await clerk.home()
        clerk.site.acquirers_time.set(clerk.site.time.now() + AWAY)
        await clerk.ask_for(sale, 200)
        await clerk.approve()
        await clerk.wait("card.present")
        clerk.tap("visa")
        await clerk.wait("clock.confirm")
        clerk.take_away()
        clerk.press("cancel")
        await clerk.home()
        assert len(clerk.site.refunds_of(sale.sale_id)) == 1

    tell(story, away=timedelta(), truly=True)


@pytest.mark.parametrize(
    ("synchronised", "away", "said"),
    [
        (True, timedelta(minutes=11), "acquirer 2026-11-20 13:11"),
        (True, timedelta(hours=-8), "Wrong time zone: here 2026-11-20 13:00"),
        (False, timedelta(days=41), "2026-12-31 13:00: too far ahead"),
        (False, timedelta(hours=-2, minutes=-10), "Clock is behind"),
        (False, timedelta(hours=-3), "Wrong time zone"),
    ],
)
def test_a_doubt_is_said_and_ends_with_a_sign_on_that_fits(
    synchronised: bool, away: timedelta, said: str
) -> None:
    async def story(clerk: SimClerk) -> None:
        await refund(clerk)
        assert clerk.prompt == "failure"
        assert said in clerk.text.replace("\n", " ")
        await clerk.home()
        clerk.site.acquirers_time.set(clerk.site.time.now())
        await refund(clerk)
        assert clerk.prompt == "sale"

    tell(story, away=away, truly=False, synchronised=synchronised)


def test_the_simulation_notices_a_terminal_that_asks_nobody() -> None:
    async def story(clerk: SimClerk) -> None:
        await clerk.give_back(clerk.site.shop.sale("visa-older"), 123)
        await clerk.wait("result")
        await clerk.home()
        (noticed,) = [one for one in violations(clerk.site) if "clock" in one]
        assert "3 days, 0:07" in noticed

    forever = timedelta(days=4000)
    with patch.multiple(trusted_clock, ASK_AFTER=forever, FAR=forever):
        tell(story, away=AWAY, truly=False)


@logged_in()
async def test_a_scan_asks_once_whether_the_time_is_in_doubt(clerk: SimClerk) -> None:
    """Each time the log's newest entry is read."""
    await asyncio.sleep(30)  # nothing is waited for any more
    newest = audit.last_at
    with patch.object(audit, "last_at", side_effect=newest) as asked:
        clerk.scan(clerk.site.shop.sale("visa-older").receipt_no)
        await clerk.wait("sale")
    assert asked.call_count == 1
