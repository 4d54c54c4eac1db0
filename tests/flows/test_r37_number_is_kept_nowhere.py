"""The number of an exchange credit is money: scanned where something else is asked it is not taken,
and stored nowhere in clear (R37, R54)."""

from __future__ import annotations

import pytest
from hw_sim.proofs.simulation.clerk import SimClerk
from hw_sim.proofs.simulation.site import Setting
from worlds.counter import CASH, a_refund, at_the_counter, in_each_language, one_line, sell
from worlds.credit_counter import BY_WALLET, IN_CASH, buy, credit_for_a_cup

from pos_terminal.core.exchange_credit import ExchangeCredit
from pos_terminal.texts import Language

PHONE = {"sku": "21", "name": "Phone", "quantity": 1, "unit_price": 900, "serials": ["A1"]}
NO_VOUCHER = {Language.ZH_CN: "请勿输入券号", Language.EN: "No voucher's number here"}
NO_SLIP = {Language.ZH_CN: "这是本店小票的条码", Language.EN: "That is a slip of ours"}
LANGUAGES = pytest.mark.parametrize("language", Language)


def kept_where(clerk: SimClerk, credit: ExchangeCredit) -> set[str]:
    """Tables that have the number."""
    dump = (row for row in clerk.site.ledger.db.iterdump() if credit.number in row)
    found = {row.split('"')[1] for row in dump if row.startswith("INSERT")}
    assert "exchange_credits" in found
    return found


@LANGUAGES
@in_each_language()
async def test_as_the_number_of_a_piece(clerk: SimClerk, language: Language) -> None:
    credit = await credit_for_a_cup(clerk, IN_CASH)
    own = kept_where(clerk, credit)
    await sell(clerk, "PHONE", IN_CASH, lines=[PHONE], **CASH)
    clerk.scan("PHONE")
    await clerk.at("sale: enter", "refund.amount: menu", "refund.lines: 1")
    await clerk.at("refund.quantity: enter", "goods.serial")
    beeps = clerk.site.terminal.screen.beeps
    clerk.scan(credit.number)
    await clerk.wait_text(NO_SLIP[language])
    clerk.press(*credit.number, "enter")
    await clerk.site.until(lambda: clerk.site.terminal.screen.beeps >= beeps + 2, 60, "second beep")
    await clerk.at("goods.serial: enter", "refund.lines: menu", "refund.amount: enter")
    await clerk.at("refund.reason: 4", "supervisor.number")
    assert kept_where(clerk, credit) == own


@LANGUAGES
@in_each_language()
async def test_as_a_note(clerk: SimClerk, language: Language) -> None:
    credit = await credit_for_a_cup(clerk, IN_CASH)
    own = kept_where(clerk, credit)
    await sell(clerk, "PHONE", IN_CASH, **CASH)
    clerk.scan("PHONE")
    await clerk.at("sale: enter", "refund.amount: enter", "refund.reason: menu", "refund.note: 7")
    clerk.scan(f"X{credit.number[:5]}-{credit.number[5:]}")
    await clerk.wait_text(NO_VOUCHER[language])
    clerk.scan("A-4711")
    await clerk.wait_text("7A-4711")
    await clerk.at("refund.note: enter", "refund.reason: 4", "supervisor.number")
    assert kept_where(clerk, credit) == own


@LANGUAGES
@in_each_language()
async def test_as_the_number_of_a_red_letter_invoice(clerk: SimClerk, language: Language) -> None:
    credit = await credit_for_a_cup(clerk, IN_CASH)
    own = kept_where(clerk, credit)
    await sell(clerk, "PHONE", IN_CASH, invoice="issued", **CASH)
    clerk.scan("PHONE")
    await clerk.at("sale: enter", "refund.amount: enter", "invoice.ask: 2")
    await clerk.wait("invoice.number")
    clerk.scan(credit.number)
    await clerk.wait_text(NO_SLIP[language])
    await clerk.at("invoice.number: 2 4 3 1 2 0 0 0 enter", "refund.reason: 4", "supervisor.number")
    assert kept_where(clerk, credit) == own


@at_the_counter(Setting(language=Language.EN))
async def test_as_the_reference_of_what_was_carried_out(clerk: SimClerk) -> None:
    credit = await credit_for_a_cup(clerk, IN_CASH)
    own = kept_where(clerk, credit)
    await sell(clerk, "WALLET", BY_WALLET, **CASH)
    clerk.scan("WALLET")
    await clerk.at("sale: enter", "refund.amount: enter", "refund.reason: 4")
    await clerk.approve()
    await clerk.pay_out()
    await clerk.at("result: enter")
    await clerk.home()
    await clerk.at(": menu", "menu: 3", "menu.to_do: 7", "manual.list: 1", "manual.form: 1")
    await clerk.wait("manual.reference")
    clerk.scan(credit.number)
    await clerk.wait_text(NO_VOUCHER[Language.EN])
    assert kept_where(clerk, credit) == own


async def not_as_reference(clerk: SimClerk, credit: ExchangeCredit, keys: list[str]) -> None:
    """From home by these to where digits alone are asked for, which takes others at once."""
    own = kept_where(clerk, credit)
    await clerk.home()
    prompt = keys[-1]
    await clerk.at(": menu", *keys)
    await clerk.at(f"{prompt}: {' '.join(credit.number)} enter")
    await clerk.wait_text(NO_VOUCHER[Language.EN])
    assert clerk.prompt == prompt
    await clerk.at(f"{prompt}: 4 7 1 1 enter")
    await clerk.wait("supervisor.number", "case.close")
    assert kept_where(clerk, credit) == own


@at_the_counter(Setting(language=Language.EN))
async def test_as_the_reference_of_a_case(clerk: SimClerk) -> None:
    credit = await credit_for_a_cup(clerk, IN_CASH)
    await buy(clerk, credit, 900)  # which no till took
    keys = ["menu: 4 1", "case.list: 1", "case.facts: enter", "case.reference"]
    await not_as_reference(clerk, credit, keys)


@at_the_counter(Setting(language=Language.EN))
async def test_as_the_reference_of_a_card_that_was_not_stolen(clerk: SimClerk) -> None:
    credit = await credit_for_a_cup(clerk, IN_CASH)
    await a_refund(clerk, "code:43")
    keys = ["menu: 4 2", "cleared.choose: 1", "cleared.reference"]
    await not_as_reference(clerk, credit, keys)


@at_the_counter(Setting(language=Language.EN))
async def test_two_scans_that_became_one(clerk: SimClerk) -> None:
    """At home what leads to no sale is kept as it was given."""
    credit = await credit_for_a_cup(clerk, IN_CASH)
    own = kept_where(clerk, credit)
    clerk.scan(credit.number * 2)
    await clerk.wait("failure")
    assert "Misread" in one_line(clerk) or "again" in one_line(clerk)
    assert kept_where(clerk, credit) == own
