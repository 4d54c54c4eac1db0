"""Nothing of a refund is printed while its card is in the reader (R28)."""

from __future__ import annotations

import asyncio

import pytest
from hw_sim.proofs.simulation.clerk import SimClerk
from worlds.counter import at_the_counter, logged_in

from pos_terminal.ports import Interface, JobState

LEFT_IN_SECONDS = 100.0
"""Longer than a customer waits for an outcome, shorter than the idle lock."""


async def card_left_in(clerk: SimClerk, mode: str) -> None:
    await clerk.log_in()
    await clerk.to_card(clerk.site.shop.sale("visa-older"), 100)
    if mode:
        clerk.site.acquirer.set_mode(mode)
    clerk.insert("visa")
    await clerk.wait("card.remove")
    await asyncio.sleep(LEFT_IN_SECONDS)
    assert clerk.prompt == "card.remove"
    assert clerk.papers == []
    jobs = clerk.site.ledger.slips.in_state(JobState.READY)
    assert len(jobs) == 2, "made and queued with the outcome"


async def slips_out(clerk: SimClerk) -> None:
    await clerk.wait("result")
    assert len(clerk.papers) == 2
    trace = clerk.site.trace
    assert trace.index("card.remove") < trace.index("print.wait")
    await clerk.go("enter", to="home")


@pytest.mark.parametrize(
    ("mode", "outcome"),
    [
        ("", ("Refund approved", "¥1.00")),
        ("code:51", ("Not refunded", "Merchant funds too low", "¥1.00")),
        ("swallow", ("Outcome unknown", "¥1.00")),
    ],
)
@at_the_counter()
async def test_slips_wait_until_the_card_is_out_beneath_the_outcome(
    clerk: SimClerk, mode: str, outcome: tuple[str, ...]
) -> None:
    await card_left_in(clerk, mode)
    above, _, _ = clerk.text.partition("Please take the card")
    assert above != clerk.text
    assert all(said in above for said in outcome), clerk.text
    clerk.take_away()
    await slips_out(clerk)


@at_the_counter()
async def test_a_reader_that_went_away_has_no_card(clerk: SimClerk) -> None:
    await card_left_in(clerk, "")
    clerk.site.parts.readers.unplug(Interface.CONTACT)
    await slips_out(clerk)


@logged_in()
async def test_another_card_that_is_left_in_is_told_to_be_wrong(clerk: SimClerk) -> None:
    await clerk.to_card(clerk.site.shop.sale("visa-older"), 100)
    for _ in range(2):
        await clerk.show_card("mastercard", tapped=False)
    clerk.insert("mastercard")
    await clerk.wait("card.remove")
    above, _, _ = clerk.text.partition("Please take the card")
    assert "Not refunded" in above
    assert "Not the card of the sale" in above


@logged_in()
async def test_a_tapped_card_holds_nothing_up(clerk: SimClerk) -> None:
    await clerk.to_card(clerk.site.shop.sale("visa-older"), 100)
    clerk.tap("visa")
    await clerk.wait("result")
    assert len(clerk.papers) == 2
    assert "card.remove" not in clerk.site.trace


@logged_in()
async def test_what_fails_before_the_seal_gives_the_printer_back(clerk: SimClerk) -> None:
    db = clerk.site.ledger.writer.db
    db.execute("UPDATE key_slots SET state = 'used' WHERE state = 'free'")
    assert await clerk.give_back(clerk.site.shop.sale("visa-older"), 100) == "failure"
    await clerk.home()
    await clerk.ask_for(clerk.site.shop.sale("cash-today"), 100)
    await clerk.approve()
    await clerk.pay_out()
    await clerk.at("cash.hand_over: enter", "result")
    assert len(clerk.papers) == 2


@logged_in()
async def test_other_cards_left_in_hold_the_refusal_slip(clerk: SimClerk) -> None:
    await clerk.ask_for(clerk.site.shop.sale("visa-older"), 100)
    await clerk.approve()
    for _ in range(2):
        assert await clerk.show_card("jcb") == "card.present"
    await clerk.wait("card.present")
    clerk.insert("amex")
    await clerk.wait("card.remove")
    await asyncio.sleep(LEFT_IN_SECONDS)
    assert not clerk.papers
    clerk.take_away()
    await clerk.wait("result")
    printed = clerk.site.parts.printer.texts
    await clerk.site.until(lambda: len(printed()) == 2, 60, "slips")
