"""A customer asks where the money is (R50)."""

from __future__ import annotations

import pytest
from hw_sim.proofs.simulation.clerk import SimClerk
from hw_sim.proofs.simulation.site import Setting
from worlds.counter import NEVER, a_refund, in_each_language, logged_in, one_line
from worlds.returned import SHOP, refund, told
from worlds.told_outcomes import take_in

from pos_terminal.core.receipt_code import encode, encode_application, encode_case
from pos_terminal.core.refund import Kind, State
from pos_terminal.texts import Language


def code_of(clerk: SimClerk, kind: Kind = Kind.REFUND, serial: int = 1, other: str = "") -> str:
    terminal = clerk.site.terminal.config.terminal
    return encode(kind, terminal.merchant_id, other or terminal.terminal_id, serial)


async def ask(clerk: SimClerk) -> None:
    await clerk.at("home: menu", "menu: 1", "menu.find: 6", "status.ask")


async def typed(clerk: SimClerk, number: str) -> str:
    await ask(clerk)
    clerk.press(*number, "enter")
    await clerk.wait("status.result")
    said = one_line(clerk)
    await clerk.at(": enter", "home")
    return said


@pytest.mark.parametrize("language", Language)
@in_each_language()
async def test_by_scan_check_code_and_application(clerk: SimClerk, language: Language) -> None:
    await clerk.log_in()
    refund = await a_refund(clerk)
    assert refund.state is State.ACCEPTED
    await ask(clerk)
    clerk.scan(code_of(clerk))
    await clerk.wait("status.result")
    scanned = one_line(clerk)
    assert ("已受理" if language is Language.ZH_CN else "Accepted") in scanned
    assert "1.23" in scanned
    assert f"{clerk.site.time.now():%Y-%m-%d}" in scanned
    await clerk.at(": enter", "home")
    assert await typed(clerk, code_of(clerk)) == scanned
    assert await typed(clerk, "1") == scanned
    terminal = clerk.site.terminal.config.terminal
    slip = encode_application(terminal.merchant_id, terminal.terminal_id, 1)
    assert await typed(clerk, slip) == scanned


@logged_in(NEVER)
async def test_the_certificate_of_an_unknown_outcome_is_in_progress(clerk: SimClerk) -> None:
    refund = await a_refund(clerk, "drop-answer")
    assert refund.state is State.UNKNOWN
    assert "In progress" in await typed(clerk, code_of(clerk))


@logged_in()
async def test_a_decline_has_failed(clerk: SimClerk) -> None:
    refund = await a_refund(clerk, "code:14")
    assert refund.state is State.DECLINED
    assert "Failed" in await typed(clerk, code_of(clerk))


@logged_in()
async def test_cash_in_the_hand_has_arrived(clerk: SimClerk) -> None:
    await clerk.ask_for(clerk.site.shop.sale("cash-today"))
    await clerk.approve()
    await clerk.pay_out()
    await clerk.at("cash.hand_over: cancel", "home")
    code = code_of(clerk, Kind.CASH)
    assert "In progress The cash is still to be handed over" in await typed(clerk, code)
    await clerk.at("home: menu", "menu: 3 2", "cash.choose: 1")
    await clerk.approve(1)
    await clerk.at("cash.hand_over: enter", "result: enter", "home")
    assert "Paid out The cash was handed over" in await typed(clerk, code)


@pytest.mark.parametrize("language", Language)
@in_each_language(policy=SHOP.policy, repeat="never")
async def test_it_has_arrived_once_the_file_says_so(clerk: SimClerk, language: Language) -> None:
    await clerk.log_in()
    await refund(clerk)
    assert ("已受理" if language is Language.ZH_CN else "Accepted") in await typed(clerk, "1")
    await take_in(clerk, told(clerk, "credited", happened_on="2026-11-23"))
    said, arn = await typed(clerk, code_of(clerk)), "74537605312345678901234"
    words = {
        Language.ZH_CN: ("已到账", "请查看账户明细"),
        Language.EN: ("Paid out", "please look at the account"),
    }
    for part in (*words[language], "2026-11-23", arn, "5.00"):
        assert part in said
    website = clerk.site.terminal.verbs["status"]
    asked = {"code": code_of(clerk), "amount": 500}
    assert await website(asked) == {"state": "credited", "date": "2026-11-23", "arn": arn}


@pytest.mark.parametrize("late", ["", "2026-11-20"])
@logged_in(SHOP)
async def test_what_came_back_is_told_with_its_day_and_number(clerk: SimClerk, late: str) -> None:
    """Also where another file tells late that it had been on the account before."""
    await refund(clerk)
    credited = told(clerk, "credited", happened_on=late or "2026-11-23", arn="1" * 23)
    back = told(clerk, "returned", happened_on="2026-11-22")
    await take_in(clerk, back, "1.jsonl")
    assert "Came back" in await typed(clerk, "1")
    await take_in(clerk, credited, "2.jsonl")
    said = await typed(clerk, "1")
    if late:
        assert "Came back" in said
        assert "2026-11-22" in said
        assert "74537605312345678901234" in said
    else:  # on the account after all
        assert "Paid out The money has arrived" in said
        assert "2026-11-23" in said
        assert "1" * 23 in said


@pytest.mark.parametrize("wrong", ["nobody's", "another kind", "another terminal"])
@logged_in()
async def test_what_is_none_of_ours_is_said_so(clerk: SimClerk, wrong: str) -> None:
    await a_refund(clerk)
    code = {
        "nobody's": code_of(clerk, serial=77),
        "another kind": code_of(clerk, Kind.VOID),
        "another terminal": code_of(clerk, other="99999999"),
    }[wrong]
    await ask(clerk)
    clerk.scan(code)
    await clerk.wait("failure")
    assert "There is no such refund" in one_line(clerk)
    await clerk.at(": enter", "home")
    await ask(clerk)
    clerk.press(*code[:-1], str((int(code[-1]) + 1) % 10), "enter")
    await clerk.wait("failure")
    assert "There is no such refund" not in one_line(clerk), "it was mistyped"


@logged_in()
async def test_the_slip_of_a_case_leads_to_its_refund(clerk: SimClerk) -> None:
    await a_refund(clerk)
    await clerk.at("home: menu", "menu: 4 4")
    clerk.scan(code_of(clerk))
    await clerk.at("case.kind: 5", "case.opened: enter", "case.facts: 4", "status.result")
    assert "Accepted" in one_line(clerk)
    await clerk.at(": enter", "case.facts: cancel", "home")
    terminal = clerk.site.terminal.config.terminal
    slip = encode_case(terminal.merchant_id, terminal.terminal_id, 1)
    assert "Accepted" in await typed(clerk, slip)


@logged_in(Setting(language=Language.EN))
async def test_digits_that_are_neither_are_not_taken(clerk: SimClerk) -> None:
    await ask(clerk)
    clerk.press(*"12345678", "enter")
    await clerk.wait_text("up to 7")
    await clerk.at("status.ask: cancel", "home")
