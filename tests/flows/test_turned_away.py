"""Refused before an amount is asked: numbered, kept, explained, and on paper for who asks (R67)."""

from __future__ import annotations

import argparse
import re
from collections.abc import Awaitable, Callable
from unittest.mock import patch

import pytest
from hw_sim.proofs.simulation.clerk import SimClerk
from worlds.counter import CASH, logged_in, sell

from pos_terminal.cli import explain
from pos_terminal.core.application import ApplicationState
from pos_terminal.core.receipt_code import encode
from pos_terminal.core.refund import Kind
from pos_terminal.core.sale import SaleState
from pos_terminal.ports import Application
from pos_terminal.services.proof.verify import verify_store

Begin = Callable[[SimClerk], Awaitable[str]]
"""Up to the refusal; what the clerk typed or scanned that led to no sale."""


def change(clerk: SimClerk, sql: str) -> None:
    """As other systems would have left it."""
    clerk.site.ledger.writer.db.execute(sql)


async def no_trace(clerk: SimClerk) -> str:
    clerk.press("999998", "enter")
    return "999998"


async def no_reference(clerk: SimClerk) -> str:
    await clerk.from_menu("Find by reference")
    await clerk.at("find.rrn: 123456789012 enter", "find.date: 1101 enter")
    return "123456789012 2026-11-01"


async def no_receipt(clerk: SimClerk) -> str:
    clerk.scan("http://shop.example/\x1d7")
    return "http://shop.example/7"


async def a_card_number(clerk: SimClerk) -> str:
    clerk.scan("T4761739001010010")
    return "T476173******0010"


async def another_merchants(clerk: SimClerk) -> str:
    """13 digits with a check digit like a card's."""
    terminal = clerk.site.terminal.config.terminal
    text = encode(Kind.REFUND, "898310000000009", terminal.terminal_id, 7)
    clerk.scan(text)
    return text


async def a_strange_card(clerk: SimClerk) -> str:
    change(clerk, "UPDATE tenders SET token = NULL, par = NULL")
    clerk.tap("jcb")
    await clerk.wait("failure")
    clerk.take_away()
    (masked,) = {
        tender.card.pan[:6] + "*" * (len(tender.card.pan) - 10) + tender.card.pan[-4:]
        for tender in clerk.site.shop.sale("jcb-older").tenders
        if tender.card
    }
    return masked


async def voided(clerk: SimClerk) -> str:
    await sell(clerk, "GONE", {"kind": "cash", "amount": 500}, **CASH)
    change(clerk, "UPDATE sales SET state = 'voided' WHERE sale_id = 'GONE'")
    clerk.scan("GONE")
    return ""


async def locked(clerk: SimClerk) -> str:
    await sell(clerk, "GONE", {"kind": "cash", "amount": 500}, **CASH)
    change(clerk, "UPDATE sales SET locked = 1 WHERE sale_id = 'GONE'")
    clerk.scan("GONE")
    return ""


async def still_open(clerk: SimClerk) -> str:
    clerk.site.acquirer.set_mode("swallow")
    await clerk.give_back(clerk.site.shop.sale("visa-older"), 123)
    await clerk.home()
    await clerk.find(clerk.site.shop.sale("visa-older"))
    clerk.press("enter")
    return ""


async def nothing_left(clerk: SimClerk) -> str:
    await sell(clerk, "GONE", {"kind": "cash", "amount": 500}, **CASH)
    key = clerk.site.sale("GONE").key
    change(clerk, f"UPDATE tenders SET done = amount WHERE sale_key = {key}")  # noqa: S608 - a number
    clerk.scan("GONE")
    await clerk.at("sale: enter")
    return ""


async def by_wallet(clerk: SimClerk) -> str:
    await clerk.find(clerk.site.shop.sale("qr-wallet-today"))
    clerk.press("enter")
    return ""


async def in_other_money(clerk: SimClerk) -> str:
    await sell(clerk, "YEN", {"kind": "cash", "amount": 500}, currency="392", **CASH)
    clerk.scan("YEN")
    return ""


REFUSALS: dict[str, tuple[Begin, str, str]] = {
    "unknown trace": (no_trace, "sale", "no_sale"),
    "unknown reference": (no_reference, "sale", "no_sale"),
    "unknown receipt": (no_receipt, "sale", "unknown_receipt"),
    "a card's number": (a_card_number, "sale", "unknown_receipt"),
    "another merchant's": (another_merchants, "sale", "foreign_receipt"),
    "unknown card": (a_strange_card, "sale", "no_card_sale"),
    "voided": (voided, "state", "voided"),
    "locked": (locked, "state", "locked"),
    "open": (still_open, "state", "open_refund"),
    "nothing left": (nothing_left, "sale", "nothing_left"),
    "other channel": (by_wallet, "sale", "original_channel"),
    "other currency": (in_other_money, "sale", "other_currency"),
}


@pytest.mark.parametrize("name", REFUSALS)
@logged_in()
async def test_it_is_an_application_with_its_rule_and_what_was_given(
    clerk: SimClerk, name: str
) -> None:
    begin, rule, code = REFUSALS[name]
    given = await begin(clerk)
    await clerk.wait("failure")
    found = newest(clerk)
    assert (found.state, found.amount, found.leg) == (ApplicationState.REFUSED, 0, 0)
    assert (found.sale_key is None) == bool(given)
    assert found.note == given
    (decision,) = clerk.site.ledger.applications.decisions(found.number)
    assert (decision.rule, decision.answer, decision.code) == (rule, "deny", code)
    assert f"Request {found.number}" in clerk.text
    await clerk.go("enter", to="home")
    assert newest(clerk).number == found.number


@logged_in()
async def test_its_slip_has_the_number_the_rule_and_the_contact(clerk: SimClerk) -> None:
    printed = clerk.site.parts.printer.texts
    await no_trace(clerk)
    await clerk.wait("failure")
    assert printed() == [], "only on request"
    await clerk.go("menu", to="refusal.printed")
    await clerk.go("enter", to="home")
    await clerk.site.until(lambda: len(printed()) == 2, 60, "slips")
    for slip in printed():
        assert re.search(rf"Request +{newest(clerk).number}\n", slip)
        for text in ("REFUSED", "999998", "No such sale", "Original sale"):
            assert text in slip
        assert clerk.site.terminal.config.terminal.contact in slip
    verify_store(clerk.site.ledger)


@logged_in()
async def test_explain_tells_of_it(clerk: SimClerk, capsys: pytest.CaptureFixture[str]) -> None:
    await no_trace(clerk)
    await clerk.wait("failure")
    number = newest(clerk).number
    parser = argparse.ArgumentParser()
    explain.add_arguments(parser)
    words = [str(number), "--config", "-", "--language", "en"]
    with patch("pos_terminal.config.load", lambda _: clerk.site.terminal.config):
        assert explain.run(parser.parse_args(words)) == 0
    told = capsys.readouterr().out
    assert f"application {number} on no known sale: refused\ngiven: 999998\n" in told
    assert "Original sale: denied: No such sale (-)" in told


@logged_in()
async def test_the_next_scan_does_not_wait_and_a_full_disk_keeps_nobody(clerk: SimClerk) -> None:
    await by_wallet(clerk)
    await clerk.wait("failure")
    sale = clerk.site.shop.sale("cash-today")
    clerk.scan(sale.receipt_no)
    await clerk.wait("sale")
    await clerk.go("cancel", to="home")
    assert clerk.site.ledger.sales.by_id(sale.sale_id) is not None
    assert clerk.site.sale(sale.sale_id).state is SaleState.APPROVED


def newest(clerk: SimClerk) -> Application:
    db = clerk.site.ledger.db
    (number,) = db.execute("SELECT max(number) FROM applications").fetchone()
    return clerk.site.application(number)
