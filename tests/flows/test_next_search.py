"""A scan begins the next search wherever a clerk is done or still looks; keys typed ahead count in
lists, and answer nothing that is committed."""

from __future__ import annotations

import asyncio

import pytest
from hw_sim.proofs.simulation.clerk import SimClerk
from worlds.counter import CASH, logged_in, sell

from pos_terminal.core.dropped import Drop
from pos_terminal.core.people import Role
from pos_terminal.ports import ScanDropped

LOOKING = {
    "find.trace": ("9",),
    "find.rrn": ("menu", "1", "2"),
    "find.date": ("menu", "1", "2", "123456789012", "enter"),
}


@pytest.mark.parametrize("prompt", LOOKING)
@logged_in()
async def test_a_scan_or_a_card_while_looking(clerk: SimClerk, prompt: str) -> None:
    sale = clerk.site.shop.sale("cash-today")
    await clerk.go(*LOOKING[prompt], to=prompt)
    clerk.scan(sale.receipt_no)
    await clerk.wait("sale")
    assert f"¥{sale.amount / 100:.2f}" in clerk.text
    await clerk.home()
    await clerk.go(*LOOKING[prompt], to=prompt)
    clerk.tap("visa")
    await clerk.wait("find.choose")
    clerk.scan(sale.receipt_no)  # and once more, from the list of the card's sales
    await clerk.wait("sale")


@logged_in()
async def test_a_scan_that_was_misread_while_looking_is_said(clerk: SimClerk) -> None:
    await clerk.go("9", to="find.trace")
    clerk.site.post(ScanDropped(Drop.PAUSE))
    await clerk.wait("failure")


@logged_in()
async def test_a_till_receipt_of_twelve_characters_is_one_at_the_reference_too(
    clerk: SimClerk,
) -> None:
    await sell(clerk, "R20261120000", {"kind": "cash", "amount": 500}, **CASH)
    await clerk.go("menu", "1", "2", to="find.rrn")
    clerk.scan("R20261120000")
    await clerk.wait("sale")


@pytest.mark.parametrize(("fault", "became"), [("normal", "done"), ("code:05", "failed")])
@logged_in()
async def test_a_scan_at_the_outcome_serves_the_next_customer(
    clerk: SimClerk, fault: str, became: str
) -> None:
    """Given back or not: the outcome has been read by who scans the next receipt."""
    clerk.site.acquirer.set_mode(fault, 1)
    await clerk.give_back(clerk.site.shop.sale("visa-older"), 100)
    await clerk.wait("result")
    clerk.scan(clerk.site.shop.sale("mastercard-older").receipt_no)
    await clerk.wait("sale")
    assert clerk.site.shop.sale("mastercard-older").trace in clerk.text
    await clerk.home()
    states = clerk.site.ledger.db.execute("SELECT state FROM applications").fetchall()
    assert [row["state"] for row in states] == [became]


@logged_in()
async def test_a_card_at_the_outcome_begins_nothing(clerk: SimClerk) -> None:
    """It is the customer's, who plays with it."""
    await clerk.give_back(clerk.site.shop.sale("visa-older"), 100)
    await clerk.wait("result")
    clerk.tap("visa")
    await asyncio.sleep(5)
    assert clerk.prompt == "result"


@logged_in()
async def test_keys_typed_ahead_count_in_lists(clerk: SimClerk) -> None:
    sale = clerk.site.shop.sale("same-trace")
    clerk.press(*sale.trace.lstrip("0"), "enter", "2")
    await clerk.wait("sale")
    assert "2026-11-14" in clerk.text
    await clerk.home()
    await clerk.find(clerk.site.shop.sale("two-cards-today"))
    clerk.press("enter", "2")
    await clerk.wait("refund.amount")
    clerk.press("100", "enter", "4")
    await clerk.wait("supervisor.number")


@logged_in()
async def test_keys_typed_ahead_count_for_the_amount(clerk: SimClerk) -> None:
    """Or the reason's digit would be typed into it: 1 for 0.01. After a mistake was said they do
    not: they were meant for another screen."""
    sale = clerk.site.shop.sale("cash-today")
    await clerk.find(sale)
    clerk.press("enter", "enter", "1")
    await clerk.wait("supervisor.number")
    assert f"¥{sale.amount / 100:.2f}" in clerk.text
    await clerk.home()
    await clerk.find(sale)
    clerk.press("enter", *str(sale.amount + 1), "enter", "7", "enter", "1")
    await clerk.wait_text("More than is left")
    await asyncio.sleep(1)
    assert clerk.prompt == "refund.amount"


@logged_in()
async def test_keys_typed_ahead_approve_nothing(clerk: SimClerk) -> None:
    """Whoever knows the PIN has not seen yet what it would be for."""
    boss = clerk.site.shop.person(Role.SUPERVISOR)
    await clerk.find(clerk.site.shop.sale("cash-today"))
    clerk.press("enter", "enter", "1", boss.number, "enter", boss.pin, "enter")
    await clerk.wait("supervisor.pin")
    await asyncio.sleep(5)
    assert clerk.prompt == "supervisor.pin"
    assert "*" not in clerk.text
    await clerk.at(f"supervisor.pin: {boss.pin} enter", "refund.confirm")


@logged_in()
async def test_twelve_digits_typed_at_home_are_a_reference_number(clerk: SimClerk) -> None:
    sale = clerk.site.shop.sale("visa-older")
    clerk.press(sale.rrn, "enter")
    await clerk.at(f"find.date: {sale.sold_at:%m%d} enter", "sale")
    assert sale.trace in clerk.text
    await clerk.home()
    clerk.press(sale.rrn[:8], "enter")
    await clerk.wait_text("A trace has 1 to 6 digits")
    assert clerk.prompt == "find.trace"
    clerk.press(sale.rrn[8:], "enter")
    await clerk.wait("find.date")
