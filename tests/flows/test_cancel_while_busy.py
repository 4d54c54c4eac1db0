"""Cancel works at once until the request is sealed: with a card that says nothing, and while a
supervisor's PIN is being checked (R30)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest
from hw_sim.proofs.simulation.clerk import SimClerk

from pos_terminal.core.people import Role
from pos_terminal.ports import Interface

Counter = Callable[..., None]
MUTE_SECONDS = 8.0


def state(clerk: SimClerk) -> tuple[str, str]:
    sql = "SELECT state, why FROM applications ORDER BY number DESC LIMIT 1"
    row = clerk.site.ledger.db.execute(sql).fetchone()
    return row["state"], row["why"]


async def mute_card(clerk: SimClerk) -> None:
    clerk.site.parts.readers.mute_seconds = MUTE_SECONDS
    await clerk.log_in()
    await clerk.ask_for(clerk.site.shop.sale("visa-older"), 100)
    await clerk.approve()
    await clerk.wait("card.present")
    clerk.insert("mute")
    await clerk.wait("card.reading")
    await asyncio.sleep(1)
    assert clerk.prompt == "card.reading"


def test_a_card_that_says_nothing_holds_nobody(at_the_counter: Counter) -> None:
    async def story(clerk: SimClerk) -> None:
        await mute_card(clerk)
        assert "CANCEL: give up" in clerk.site.terminal.screen.text
        clerk.press("cancel")
        await clerk.wait("home", seconds=0.5)
        assert state(clerk) == ("cancelled", "clerk")
        clerk.take_away()
        assert await clerk.give_back(clerk.site.shop.sale("visa-older"), 100) == "result"

    at_the_counter(story)


def test_the_next_reading_waits_for_the_one_behind(at_the_counter: Counter) -> None:
    """Two dialogues with one card would hear each other's answers."""

    async def story(clerk: SimClerk) -> None:
        await mute_card(clerk)
        readers = clerk.site.parts.readers
        links = 0
        connect = readers.connect

        async def counted(reader: str) -> object:
            nonlocal links
            links += 1
            return await connect(reader)

        readers.connect = counted  # type: ignore[assignment, method-assign]
        clerk.press("cancel")
        await clerk.wait("home", seconds=0.5)
        await clerk.ask_for(clerk.site.shop.sale("visa-older"), 100)
        await clerk.approve()
        await clerk.wait("card.reading")
        await asyncio.sleep(1)
        assert links == 0
        await clerk.wait("card.present", seconds=2.5 * MUTE_SECONDS)
        assert links == 1

    at_the_counter(story)


@pytest.mark.parametrize("wrong", [False, True])
def test_cancel_while_a_pin_is_checked_is_heard(at_the_counter: Counter, wrong: bool) -> None:
    async def story(clerk: SimClerk) -> None:
        await clerk.log_in()
        sale = clerk.site.shop.sale("cash-today")
        await clerk.ask_for(sale, 100)
        person = clerk.site.shop.person(Role.SUPERVISOR)
        await clerk.answer("supervisor.number", person.number)
        await clerk.wait("supervisor.pin")
        clerk.press("00000000" if wrong else person.pin, "enter", "7", "cancel")
        await clerk.wait("home")
        assert state(clerk) == ("cancelled", "clerk")
        assert clerk.site.parts.drawer == 0
        assert clerk.site.ledger.refunds.of_sale(sale.sale_id) == []

    at_the_counter(story)


def test_a_card_that_is_gone_before_anybody_was_asked_says_nothing(at_the_counter: Counter) -> None:
    """PC/SC lists a card for a while after it was taken away."""

    async def story(clerk: SimClerk) -> None:
        await clerk.log_in()
        await clerk.ask_for(clerk.site.shop.sale("visa-older"), 100)
        clerk.tap("pulled")
        await clerk.approve()
        await clerk.wait("card.reading")
        await clerk.wait("card.present")
        assert "too soon" not in clerk.site.terminal.screen.text.lower()
        clerk.tap("pulled")
        await clerk.wait("card.reading")
        await clerk.wait("card.present")
        assert "too soon" in clerk.site.terminal.screen.text.lower()
        clerk.site.parts.readers.remove(Interface.TAP)

    at_the_counter(story)
