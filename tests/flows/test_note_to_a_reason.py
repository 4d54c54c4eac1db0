"""A note may go with any reason: the menu key asks for it, nothing else does (R15)."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hw_sim.proofs.simulation.clerk import SimClerk

Counter = Callable[..., None]


async def to_reason(clerk: SimClerk) -> None:
    await clerk.log_in()
    await clerk.find(clerk.site.shop.sale("visa-older"))
    clerk.press("enter")
    await clerk.answer("refund.amount", "100")
    await clerk.wait("refund.reason")


async def applied(clerk: SimClerk) -> tuple[str, str]:
    """Reason and note, as they were kept."""
    await clerk.wait("supervisor.number")
    (kept,) = clerk.site.ledger.db.execute("SELECT reason, note FROM applications")
    return tuple(kept)


def text(clerk: SimClerk) -> str:
    return clerk.site.terminal.screen.text


@pytest.mark.parametrize("reason", ["1", "4"])
def test_a_note_is_added_and_shown_before_the_reason(at_the_counter: Counter, reason: str) -> None:
    async def story(clerk: SimClerk) -> None:
        await to_reason(clerk)
        assert "MENU: add a note" in text(clerk)
        clerk.press("menu")
        await clerk.wait("refund.note")
        clerk.press("77")
        clerk.scan("-RMA")
        clerk.press("enter")
        await clerk.wait("refund.reason")
        assert "Note: 77-RMA" in text(clerk)
        clerk.press(reason)
        assert await applied(clerk) == (reason, "77-RMA")

    at_the_counter(story)


def test_a_note_is_typed_anew_and_no_card_number_is_one(at_the_counter: Counter) -> None:
    async def story(clerk: SimClerk) -> None:
        await to_reason(clerk)
        clerk.press("menu")
        await clerk.answer("refund.note", "1")
        await clerk.wait("refund.reason")
        clerk.press("menu")
        await clerk.wait("refund.note")
        clerk.press("6250947000000014", "enter")
        await clerk.wait_text("No card number here")
        clerk.press(*["clear"] * 16, "enter")
        await clerk.wait("refund.reason")
        assert "Note:" not in text(clerk)
        clerk.press("1")
        assert await applied(clerk) == ("1", "")

    at_the_counter(story)


def test_cancel_at_the_note_ends_it(at_the_counter: Counter) -> None:
    async def story(clerk: SimClerk) -> None:
        await to_reason(clerk)
        clerk.press("menu")
        await clerk.wait("refund.note")
        clerk.press("cancel")
        await clerk.wait("home")
        assert clerk.site.ledger.applications.by_number(1) is None

    at_the_counter(story)
