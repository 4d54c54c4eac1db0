"""What goes before a new message is watched, and a terminal that forgets it is noticed."""

from __future__ import annotations

import asyncio
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from types import SimpleNamespace
from typing import cast
from unittest.mock import Mock, PropertyMock, patch

import pytest
from hw_sim.proofs.simulation.clerk import SimClerk
from hw_sim.proofs.simulation.invariants import violations
from hw_sim.proofs.simulation.owed_first import OwedFirst
from hw_sim.proofs.simulation.rest import come_to_rest
from hw_sim.proofs.simulation.shop import make_config
from hw_sim.proofs.simulation.site import Site, run_site

from pos_terminal.core.refund import Kind, State
from pos_terminal.services.ledger.store import LedgerStore
from pos_terminal.services.money.foreground import Foreground
from pos_terminal.services.money.pending import Pending
from pos_terminal.services.money.pursue import Pursuer


async def first_nothing(self: Pending, until: float, wanted: asyncio.Event) -> None:
    return None


def told(mutant: AbstractContextManager[object]) -> list[str]:
    """A void that nobody answers, then a slow clerk with another sale, then healed."""
    found: list[str] = []

    async def story(site: Site) -> None:
        site.start()
        clerk = SimClerk(site)
        await clerk.log_in()
        site.acquirer.set_mode("as-reversal:00", 1)
        site.acquirer.set_mode("swallow", on=["reversal"], also=True)
        assert await clerk.give_back(site.shop.sale("visa-today")) == "result"
        await clerk.home()
        await asyncio.sleep(200)  # the round is over, the next one begins in the second sale
        for amount, seconds in ((123, 120), (234, 150)):
            await clerk.to_card(site.shop.sale("visa-older"), amount)
            await asyncio.sleep(seconds)
            assert await clerk.show_card("visa") == "result"
            await clerk.home()
        site.acquirer.set_mode("normal")
        await come_to_rest(site, clerk)
        found.extend(violations(site))

    with mutant:
        run_site(story)
    return found


def test_the_honest_terminal_does_both() -> None:
    assert told(nullcontext()) == []


@pytest.mark.parametrize(
    ("mutant", "noticed"),
    [
        (patch.object(Pending, "first", first_nothing), "untried: void 1"),
        (
            patch.object(Foreground, "is_free", PropertyMock(return_value=True)),
            "a reversal began while card.present was on the screen",
        ),
        (patch.object(Pursuer, "was_reversed", lambda *_: True), "the acquirer paid"),
    ],
)
def test_a_terminal_that_forgets_one_is_noticed(
    mutant: AbstractContextManager[object], noticed: str
) -> None:
    assert noticed in "\n".join(told(mutant))


def test_a_message_that_the_full_disk_kept_from_being_sealed_is_none() -> None:
    """Seed 954: neither the owed try nor the new message could be written down; none was sent."""
    found: list[str] = []
    open_one = SimpleNamespace(
        refund_id=1, kind=Kind.VOID, state=State.REVERSING, cause=None, repeats=0
    )
    ledger = cast(LedgerStore, SimpleNamespace(refunds=Mock(open_ones=lambda: [open_one])))
    config = make_config(Path("x"), Path("x")).acquirer
    watch = OwedFirst(config, True, lambda: 0.0, found.append)
    watch.step("seal", ledger, done=False)
    assert found == []
    watch.step("seal", ledger, done=False)
    watch.step("seal", ledger, done=True)
    assert found == ["a new message after 0.0 s, and untried: void 1"]


def test_what_goes_first_for_the_sale_itself_is_its_own_where_the_screen_says_so_at_once() -> None:
    """Seed 1975: the line has it a turn of the loop before the screen has the countdown."""
    found: list[str] = []
    clock = 0.0
    watch = OwedFirst(make_config(Path("x"), Path("x")).acquirer, True, lambda: clock, found.append)
    for countdown in (True, False):
        watch.shown("card.present")
        clock += 60
        watch.passing("send.reversal:before")
        if countdown:
            watch.shown("owed.wait")
        assert found == []
        clock += 1
        watch.passing("heard.0410:before")
    assert found == ["a reversal began while card.present was on the screen"]
