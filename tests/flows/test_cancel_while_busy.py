"""Cancel works at once until the request is sealed: with a card that says nothing, and while a
supervisor's PIN is being checked (R30)."""

from __future__ import annotations

import asyncio

import pytest
from hw_sim.proofs.simulation.clerk import SimClerk
from worlds.counter import at_the_counter, logged_in

from pos_terminal.core.people import Role
from pos_terminal.ports import Interface

MUTE_SECONDS = 8.0


def state(clerk: SimClerk) -> tuple[str, str]:
    sql = "SELECT state, why FROM applications ORDER BY number DESC LIMIT 1"
    row = clerk.site.ledger.db.execute(sql).fetchone()
    return row["state"], row["why"]


async def mute_card(clerk: SimClerk) -> None:
    clerk.site.parts.readers.mute_seconds = MUTE_SECONDS
    await clerk.log_in()
    await clerk.to_card(clerk.site.shop.sale("visa-older"), 100)
    clerk.insert("mute")
    await clerk.wait("card.reading")
    await asyncio.sleep(1)
    assert clerk.prompt == "card.reading"


@at_the_counter()
async def test_a_card_that_says_nothing_holds_nobody(clerk: SimClerk) -> None:
    await mute_card(clerk)
    assert "CANCEL: give up" in clerk.text
    clerk.press("cancel")
    await clerk.wait("home", seconds=0.5)
    assert state(clerk) == ("cancelled", "clerk")
    clerk.take_away()
    assert await clerk.give_back(clerk.site.shop.sale("visa-older"), 100) == "result"


@at_the_counter()
async def test_the_next_reading_waits_for_the_one_behind(clerk: SimClerk) -> None:
    """Two dialogues with one card would hear each other's answers."""
    await mute_card(clerk)
    readers = clerk.site.parts.readers
    links = 0
    connect = readers.connect

    async def counted(reader: str) -> object:
        nonlocal links
        links += 1
        return await connect(reader)

    readers.connect = counted  # type: ignore[assignment, method-assign] # put in its place
    clerk.press("cancel")
    await clerk.wait("home", seconds=0.5)
    await clerk.ask_for(clerk.site.shop.sale("visa-older"), 100)
    await clerk.approve()
    await clerk.wait("card.reading")
    await asyncio.sleep(1)
    assert links == 0
    await clerk.wait("card.present", seconds=2.5 * MUTE_SECONDS)
    assert links == 1


@pytest.mark.parametrize("wrong", [False, True])
@logged_in()
async def test_cancel_while_a_pin_is_checked_is_heard(clerk: SimClerk, wrong: bool) -> None:
    sale = clerk.site.shop.sale("cash-today")
    await clerk.ask_for(sale, 100)
    person = clerk.site.shop.person(Role.SUPERVISOR)
    await clerk.at(f"supervisor.number: {person.number} enter", "supervisor.pin")
    await clerk.go("00000000" if wrong else person.pin, "enter", "7", "cancel", to="home")
    assert state(clerk) == ("cancelled", "clerk")
    assert clerk.site.parts.drawer == 0
    assert clerk.site.refunds_of(sale.sale_id) == []


@logged_in()
async def test_a_card_that_is_gone_before_anybody_was_asked_says_nothing(clerk: SimClerk) -> None:
    """PC/SC lists a card for a while after it was taken away."""
    await clerk.ask_for(clerk.site.shop.sale("visa-older"), 100)
    clerk.tap("pulled")
    await clerk.approve()
    await clerk.at("card.reading", "card.present")
    assert "too soon" not in clerk.text.lower()
    clerk.tap("pulled")
    await clerk.at("card.reading", "card.present")
    assert "too soon" in clerk.text.lower()
    clerk.site.parts.readers.remove(Interface.TAP)
