"""A note may go with any reason: the menu key leads to it, nothing else does (R15)."""

from __future__ import annotations

import pytest
from hw_sim.proofs.simulation.clerk import SimClerk
from worlds.counter import at_the_counter


async def to_reason(clerk: SimClerk) -> None:
    await clerk.log_in()
    await clerk.find(clerk.site.shop.sale("visa-older"))
    await clerk.at(": enter", "refund.amount: 100 enter", "refund.reason")


async def applied(clerk: SimClerk) -> tuple[str, str]:
    """Reason and note, as they were kept."""
    await clerk.wait("supervisor.number")
    (kept,) = clerk.site.ledger.db.execute("SELECT reason, note FROM applications")
    return tuple(kept)


@pytest.mark.parametrize("reason", ["1", "4"])
@at_the_counter()
async def test_a_note_is_added_and_shown_before_the_reason(clerk: SimClerk, reason: str) -> None:
    await to_reason(clerk)
    assert "MENU: note or goods" in clerk.text
    await clerk.at(": menu", "goods.or_note: 1", "refund.note: 77")
    clerk.scan("-RMA")
    await clerk.go("enter", to="refund.reason")
    assert "Note: 77-RMA" in clerk.text
    clerk.press(reason)
    assert await applied(clerk) == (reason, "77-RMA")


@at_the_counter()
async def test_a_note_is_typed_anew_and_no_card_number_is_one(clerk: SimClerk) -> None:
    await to_reason(clerk)
    await clerk.at(": menu", "goods.or_note: 1", "refund.note: 1 enter", "refund.reason: menu")
    await clerk.at("goods.or_note: 1", "refund.note: clear 6250947000000014 enter")
    await clerk.wait_text("No card number here")
    clerk.press(*["clear"] * 16, "enter")
    await clerk.wait("refund.reason")
    assert "Note:" not in clerk.text
    clerk.press("1")
    assert await applied(clerk) == ("1", "")


@at_the_counter()
async def test_cancel_at_the_note_leads_back_and_what_was_noted_stays(clerk: SimClerk) -> None:
    await to_reason(clerk)
    await clerk.at(": menu", "goods.or_note: 1", "refund.note: 7 enter")
    await clerk.at("refund.reason: menu", "goods.or_note: 1", "refund.note: 8 cancel")
    await clerk.wait("refund.reason")
    assert "Note: 7\n" in clerk.text
    await clerk.at(": cancel", "refund.amount: enter", "refund.reason")
    assert "Note: 7\n" in clerk.text
    await clerk.home()
    assert clerk.site.ledger.applications.by_number(1) is None
