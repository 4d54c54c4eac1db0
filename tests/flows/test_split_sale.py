"""A sale paid in more than one way: which of them is given back stands on the screen (R34)."""

from __future__ import annotations

from typing import Any

import pytest
from hw_sim.proofs.simulation import screen
from hw_sim.proofs.simulation.clerk import SimClerk
from hw_sim.proofs.simulation.site import Setting
from worlds.counter import CASH as PAID_IN_CASH
from worlds.counter import at_the_counter, logged_in, sell, tell

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


@pytest.mark.parametrize("withdrawn", [True, False], ids=["given up", "still to do"])
@logged_in()
async def test_what_one_payment_of_a_ticket_gave_for_goods_is_not_given_again(
    clerk: SimClerk, withdrawn: bool
) -> None:
    """The cash of cups was paid out, the card's part was not, and the cups are no more back than
    before: asked for again they bring what is left of them, whoever brings the pot all of it."""
    cups = {"sku": "1", "name": "Cup", "quantity": 2, "unit_price": 1_250}
    pot = {"sku": "2", "name": "Pot", "quantity": 1, "unit_price": 1_000}
    day = {"trace": "000918", "rrn": "632413000918", "batch": "000042"}
    await sell(clerk, "SPLIT", CARD, CASH, lines=[cups, pot], **day)
    goods = ("sale: enter", "refund.amount: menu", "refund.lines")
    clerk.scan("SPLIT")
    await clerk.at(*goods, ": 1", "refund.quantity: enter", "refund.lines: menu")
    await clerk.at("refund.amount: enter", "refund.reason: 4", "ticket.plan: enter")
    await clerk.approve()
    await clerk.at("card.present: cancel", "refund.confirm: enter", "cash.hand_over: enter")
    await clerk.at("result: enter", "ticket.left: enter", "home")
    if withdrawn:
        await clerk.at(": menu", "menu: 3 6", "ticket.todo: 1", "ticket.left: menu")
        await clerk.at("ticket.withdraw: enter", "home")
    clerk.scan("SPLIT")
    await clerk.at(*goods, ": 1", "refund.quantity: 1 enter", "refund.lines: menu", "refund.amount")
    shown = " ".join(clerk.text.split())
    assert "Chosen goods ¥10.00" in shown
    assert "Paid for them before ¥2.50" in shown
    await clerk.at(": menu", "refund.lines: 1", "refund.quantity: 2 enter", "refund.lines: menu")
    await clerk.wait("refund.amount")
    assert "Chosen goods ¥20.00" in " ".join(clerk.text.split())
    await clerk.home()
    clerk.scan("SPLIT")
    await clerk.at(*goods, ": 2", "refund.quantity: enter", "refund.lines: menu", "refund.amount")
    shown = " ".join(clerk.text.split())
    assert "Chosen goods ¥10.00" in shown
    assert "before" not in shown
    await clerk.home()
    clerk.scan("SPLIT")
    await clerk.at(*goods, ": 1", "refund.quantity: enter", "refund.lines: menu")
    await clerk.at("refund.amount: enter", "refund.reason: 4")
    await clerk.wait("supervisor.number", "ticket.plan")
    assert "20.00" in clerk.text
    verify_store(clerk.site.ledger)
