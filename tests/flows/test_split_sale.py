"""A sale paid in more than one way: which of them is given back stands on the screen (R34)."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hw_sim.bench import identity
from hw_sim.proofs.simulation import screen
from hw_sim.proofs.simulation.clerk import SimClerk
from hw_sim.proofs.simulation.site import Setting

from pos_terminal.texts import Language
from pos_terminal.wire.feed.lines import Format

Counter = Callable[..., None]
MASKED = "622848*********0018"
CARD = {"kind": "card", "amount": 2_000, "masked": MASKED, "scheme": "unionpay", "funding": "debit"}
CASH = {"kind": "cash", "amount": 1_500}
WALLET = {"kind": "wallet", "amount": 700}


async def to_amount(clerk: SimClerk, *tenders: dict[str, Any]) -> None:
    """A sale that was paid so, as far as the amount to refund."""
    record = {
        "sale_id": "SPLIT",
        "merchant_id": identity.MERCHANT_ID,
        "terminal_id": identity.TERMINAL_ID,
        "batch": "000001",
        "trace": "000917",
        "rrn": "632413000917",
        "auth_code": "",
        "sold_at": "2026-11-20T10:00:00+08:00",
        "currency": "156",
        "amount": sum(tender["amount"] for tender in tenders),
        "receipt_no": "SPLIT",
        "tenders": list(tenders),
        "lines": [],
    }
    report = await clerk.site.ledger.feed.take_in(
        [json.dumps(record)], source="test", form=Format.JSONL, allow_pan=False
    )
    assert report.added == 1, report
    await clerk.log_in()
    await clerk.wait("home")
    clerk.scan("SPLIT")
    await clerk.answer("sale", "")
    await clerk.wait("refund.amount")


def rows(clerk: SimClerk) -> list[str]:
    return [row.strip() for row in clerk.site.terminal.screen.text.splitlines()]


@pytest.mark.parametrize(
    ("tenders", "leg"), [((CARD, CASH), MASKED), ((WALLET, CASH), "Cash"), ((CASH, CARD), MASKED)]
)
def test_the_leg_is_named_until_the_supervisor_approved(
    at_the_counter: Counter, tenders: tuple[dict[str, Any], ...], leg: str
) -> None:
    async def story(clerk: SimClerk) -> None:
        await to_amount(clerk, *tenders)
        assert leg in rows(clerk)
        clerk.press("5.", "enter")
        await clerk.wait("refund.reason")
        assert leg in rows(clerk)
        clerk.press("1")
        await clerk.wait("supervisor.number")
        assert leg in rows(clerk)
        clerk.press("123", "enter")
        await clerk.wait("supervisor.pin")
        assert leg in rows(clerk)

    at_the_counter(story)


def test_more_than_the_leg_says_what_is_left_of_both(at_the_counter: Counter) -> None:
    async def story(clerk: SimClerk) -> None:
        await to_amount(clerk, CARD, CASH)
        await clerk.answer("refund.amount", "2001")
        await clerk.wait_text("Only 20.00 left of this payment, 35.00")
        clerk.press("2000", "enter")
        await clerk.wait("refund.reason")

    at_the_counter(story)


@pytest.mark.parametrize("language", Language)
def test_the_leg_is_in_sight_on_the_least_display(
    at_the_counter: Counter, language: Language, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(screen, "COLUMNS", 20)
    monkeypatch.setattr(screen, "ROWS", 8)

    async def story(clerk: SimClerk) -> None:
        await to_amount(clerk, CARD, CASH)
        assert MASKED in rows(clerk)
        clerk.press("2001", "enter")
        await clerk.wait_text("35.00")
        assert MASKED in rows(clerk)
        clerk.press("5", "enter")
        await clerk.wait("refund.reason")
        assert MASKED in rows(clerk)

    at_the_counter(story, Setting(language=language))


def test_a_sale_paid_in_one_way_names_no_leg(at_the_counter: Counter) -> None:
    async def story(clerk: SimClerk) -> None:
        await to_amount(clerk, CARD)
        assert MASKED not in rows(clerk)
        await clerk.answer("refund.amount", "2001")
        await clerk.wait_text("More than is left of the sale: 20.00")

    at_the_counter(story)
