"""A sale paid in more than one way: which of them is given back stands on the screen (R34)."""

from __future__ import annotations

from typing import Any

import pytest
from hw_sim.proofs.simulation import screen
from hw_sim.proofs.simulation.clerk import SimClerk
from hw_sim.proofs.simulation.site import Setting
from worlds.counter import CASH as PAID_IN_CASH
from worlds.counter import at_the_counter, sell, tell

from pos_terminal.services.proof.verify import verify_store
from pos_terminal.texts import Language

MASKED = "622848*********0018"
CARD = {"kind": "card", "amount": 2_000, "masked": MASKED, "scheme": "unionpay", "funding": "debit"}
CASH = {"kind": "cash", "amount": 1_500}
WALLET = {"kind": "wallet", "amount": 700}
EXCHANGE = {"kind": "exchange", "amount": 700}


async def to_amount(clerk: SimClerk, *tenders: dict[str, Any]) -> None:
    """A sale that was paid so, as far as the amount to refund."""
    await sell(clerk, "SPLIT", *tenders)
    await clerk.log_in()
    await clerk.wait("home")
    clerk.scan("SPLIT")
    await clerk.at("sale: enter", "refund.amount")


def rows(clerk: SimClerk) -> list[str]:
    return [row.strip() for row in clerk.text.splitlines()]


@pytest.mark.parametrize(
    ("tenders", "leg"), [((CARD, CASH), MASKED), ((WALLET, CASH), "Wallet"), ((CASH, CARD), MASKED)]
)
@at_the_counter()
async def test_the_leg_is_named_until_the_supervisor_approved(
    clerk: SimClerk, tenders: tuple[dict[str, Any], ...], leg: str
) -> None:
    await to_amount(clerk, *tenders)
    assert any(row.startswith(leg) for row in rows(clerk))
    await clerk.go("5.", "enter", to="refund.reason")
    assert leg in rows(clerk)
    await clerk.go("1", to="supervisor.number")
    assert leg in rows(clerk)
    await clerk.go("123", "enter", to="supervisor.pin")
    assert leg in rows(clerk)


@at_the_counter()
async def test_more_than_goes_back_here_says_what_is_left_of_the_sale(clerk: SimClerk) -> None:
    await to_amount(clerk, CARD, EXCHANGE)
    await clerk.answer("refund.amount", "2001")
    await clerk.wait_text("Only 20.00 left of this payment, 27.00")
    await clerk.go("2000", "enter", to="refund.reason")
    await sell(clerk, "THREE", CARD, CASH, EXCHANGE, trace="000918", rrn="632413000918")
    await clerk.home()
    clerk.scan("THREE")
    await clerk.at("sale: enter", "refund.amount: 3501 enter")
    await clerk.wait_text("Only 35.00 goes back here, 42.00")
    await clerk.at(": 3500 enter", "refund.reason: 1", "ticket.plan")
    assert "Refund where it was paid" in clerk.text


@pytest.mark.parametrize("language", Language)
def test_the_leg_is_in_sight_on_the_least_display(
    language: Language, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(screen, "COLUMNS", 20)
    monkeypatch.setattr(screen, "ROWS", 8)

    async def story(clerk: SimClerk) -> None:
        await to_amount(clerk, CARD, CASH)
        assert MASKED in rows(clerk)
        clerk.press("3501", "enter")
        await clerk.wait_text("More than" if language is Language.EN else "大于")
        assert MASKED in rows(clerk)
        await clerk.go("5", "enter", to="refund.reason")
        assert MASKED in rows(clerk)

    tell(story, Setting(language=language))


@at_the_counter()
async def test_a_sale_paid_in_one_way_names_no_leg(clerk: SimClerk) -> None:
    await to_amount(clerk, CARD)
    assert MASKED not in rows(clerk)
    await clerk.answer("refund.amount", "2001")
    await clerk.wait_text("More than is left of the sale: 20.00")


@at_the_counter()
async def test_what_one_leg_had_not_stays_owed_and_the_other_pays_it(clerk: SimClerk) -> None:
    """Goods for 35.00, of which the first leg has 20.00."""
    cup = {"sku": "1", "name": "Cup", "quantity": 1, "unit_price": 3_500}
    await sell(clerk, "SPLIT", CASH | {"amount": 2_000}, CASH, lines=[cup], **PAID_IN_CASH)
    await clerk.log_in()
    await clerk.wait("home")
    clerk.scan("SPLIT")
    await clerk.at("sale: enter", "refund.leg: 1", "refund.amount: menu", "refund.lines: 1")
    await clerk.at("refund.quantity: enter", "refund.lines: menu", "refund.amount: enter")
    await clerk.at("refund.reason: 4")
    await clerk.approve()
    await clerk.pay_out()
    await clerk.at("cash.hand_over: enter", "result")
    await clerk.home()
    sale = clerk.site.sale("SPLIT")
    assert (sale.done, sale.owed, sale.lines[0].returned) == (2_000, 1_500, 1_000)
    clerk.scan("SPLIT")
    await clerk.at("sale: enter", "refund.amount")
    assert "Still owed for goods ¥15.00" in " ".join(clerk.text.split())
    await clerk.at(": enter", "refund.reason: 4")
    await clerk.approve()
    await clerk.pay_out()
    await clerk.at("cash.hand_over: enter", "result")
    await clerk.home()
    assert clerk.site.sale("SPLIT").remaining == 0
    verify_store(clerk.site.ledger)
