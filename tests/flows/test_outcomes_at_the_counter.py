"""The acquirer's file beside a clerk at work: slips, screens, and the case of a contradiction."""

from __future__ import annotations

import json

from hw_sim.proofs.simulation.clerk import SimClerk
from hw_sim.proofs.simulation.invariants import violations
from hw_sim.proofs.simulation.rest import come_to_rest
from worlds.counter import CASH, ENGLISH, NEVER, a_refund, logged_in, report, sell
from worlds.told_outcomes import ASKED, file_of, take_in

from pos_terminal.core.cells import width
from pos_terminal.core.people import Role
from pos_terminal.core.refund import State


@logged_in(NEVER)
async def test_the_file_concludes_it_prints_the_slips_and_the_money_is_equal(
    clerk: SimClerk,
) -> None:
    unknown = await a_refund(clerk, "drop-answer")
    assert unknown.state is State.UNKNOWN
    assert (await take_in(clerk, file_of(clerk)))["concluded"] == 1
    await come_to_rest(clerk.site, clerk)
    assert clerk.site.refund(unknown.refund_id).state is State.ACCEPTED
    slip = clerk.papers[-2]
    assert "BY THE ACQUIRER'S FILE" in slip
    assert "1121.jsonl:1" in slip
    assert violations(clerk.site) == []


@logged_in(NEVER)
async def test_while_a_clerk_is_at_work_the_slips_wait_their_turn(clerk: SimClerk) -> None:
    await a_refund(clerk, "drop-answer")
    await clerk.find(clerk.site.shop.sale("mastercard-older"))
    await take_in(clerk, file_of(clerk))
    assert clerk.prompt == "sale"
    await come_to_rest(clerk.site, clerk)
    assert violations(clerk.site) == []


@logged_in(NEVER)
async def test_a_contradiction_is_seen_and_closed_at_the_keypad(clerk: SimClerk) -> None:
    accepted = await a_refund(clerk, "normal")
    assert accepted.state is State.ACCEPTED
    record = json.loads(file_of(clerk)) | {"outcome": "not_paid", "reference": "E-7"}
    assert (await take_in(clerk, json.dumps(record)))["contradicts"] == 1
    await clerk.at(": menu", "menu: 4 1", "case.list")
    await clerk.wait_text("Acquirer's file differs")
    await clerk.go("1", to="case.facts")
    shown = clerk.text
    for fact in ("Acquirer's file: not paid", "E-7", "1121.jsonl:1", "Now: refunded"):
        assert fact in shown
    clerk.press("enter")
    await clerk.answer("case.reference", "20261123001")
    await clerk.at("case.close: 1", "case.loss: enter")
    await clerk.approve(0)
    await clerk.at("case.confirm_closing: enter", "case.closed: enter")
    await clerk.home()
    assert clerk.site.refund(accepted.refund_id) == accepted
    assert clerk.site.ledger.cases.open_ones() == []
    await come_to_rest(clerk.site, clerk)
    assert violations(clerk.site) == []


@logged_in(NEVER)
async def test_what_was_paid_twice_is_seen_and_its_sale_let_go_by_two(clerk: SimClerk) -> None:
    accepted = await a_refund(clerk, "normal")
    record = json.loads(file_of(clerk))
    second = record | {"rrn": "632400008888", "reference": "P-2"}
    report = await take_in(clerk, json.dumps(record) + "\n" + json.dumps(second))
    assert (report["agrees"], report["paid_twice"]) == (1, 1)
    await clerk.wait_text("Cases due: 1")  # at once, on the page that stands there
    clerk.scan(clerk.site.shop.sale("visa-older").receipt_no)
    await clerk.wait_text("The sale is locked: see its case")
    await clerk.home()
    await clerk.at(": menu", "menu: 4 1", "case.list")
    await clerk.wait_text("Acquirer paid twice")
    await clerk.go("1", to="case.facts")
    shown = clerk.text
    for fact in ("Paid too much", "1.23", "632400008888", record["rrn"], "1121.jsonl:2"):
        assert fact in shown
    clerk.press("enter")
    await clerk.answer("case.reference", "20261123001")
    await clerk.at("case.close: 1", "case.loss: enter")
    await clerk.approve(0)
    await clerk.approve(1)
    await clerk.at("case.confirm_closing: enter", "case.closed: enter")
    await clerk.home()
    sale = clerk.site.ledger.sales.by_key(accepted.sale_key)
    assert sale is not None
    assert (sale.locked, sale.done) == (False, 246)
    await come_to_rest(clerk.site, clerk)
    assert violations(clerk.site) == []


def approved_by(clerk: SimClerk, place: int) -> str:
    """How the screen says that the first of two has agreed."""
    boss = clerk.site.shop.person(Role.SUPERVISOR, place)
    name = f"{boss.number} {boss.name}"
    gap = " " * (40 - len("Approved 1 of 2") - width(name))
    return f"Approved 1 of 2{gap}{name}"


async def close_the_case(clerk: SimClerk, *facts: str) -> str:
    """By two, after the facts were on the screen; what is said then."""
    await clerk.at(": menu", "menu: 4 1", "case.list")
    await clerk.go("1", to="case.facts")
    shown = clerk.text
    for fact in facts:
        assert fact in shown
    clerk.press("enter")
    await clerk.answer("case.reference", "20261123001")
    await clerk.at("case.close: 1", "case.loss: enter")
    await clerk.wait_text("Supervisor 1 of 2")
    await clerk.approve(0)
    await clerk.wait_text("Supervisor 2 of 2")
    assert approved_by(clerk, 0) in clerk.text
    await clerk.approve(1)
    await clerk.at("case.confirm_closing: enter", "case.closed")
    said = clerk.text
    await clerk.home()
    return said


@logged_in(NEVER)
async def test_paid_though_it_was_declined_locks_the_sale_until_two_close_it(
    clerk: SimClerk,
) -> None:
    sold = clerk.site.shop.sale("visa-older")
    declined = await a_refund(clerk, "lie:05")
    assert declined.state is State.DECLINED
    assert (await take_in(clerk, file_of(clerk)))["contradicts"] == 1
    clerk.scan(clerk.site.shop.sale("visa-older").receipt_no)
    await clerk.wait_text("The sale is locked: see its case")
    await clerk.home()
    said = await close_the_case(
        clerk, "Acquirer's file: paid", "Paid too much", "1.23", "Now: declined", "1121.jsonl:1"
    )
    sale = clerk.site.sale(sold.sale_id)
    assert (sale.locked, sale.done) == (False, 123)
    assert f"{sale.remaining / 100:.2f}" in said


@logged_in(NEVER)
async def test_an_approval_after_a_decline_is_seen_as_that(clerk: SimClerk) -> None:
    sold = clerk.site.shop.sale("visa-older")
    declined = await a_refund(clerk, "regret:0")
    assert declined.state is State.DECLINED
    await clerk.wait_text("Cases due: 1")
    (row,) = [row for row in clerk.site.acquirer.ledger() if row["paid"]]
    await close_the_case(
        clerk, "Approved after a decline", "Late approval on the line", row["rrn"], "1.23"
    )
    assert clerk.site.sale(sold.sale_id).done == 123


@logged_in(NEVER)
async def test_what_is_not_in_this_ledger_is_a_case_without_a_sale(clerk: SimClerk) -> None:
    await a_refund(clerk, "normal")
    record = json.loads(file_of(clerk)) | {"trace": "009999", "amount": 777, "rrn": ""}
    record |= {"masked": "****0018", "original_rrn": "632400000001", "reference": "E-9"}
    assert (await take_in(clerk, json.dumps(record)))["paid_unknown"] == 1
    said = await close_the_case(
        clerk, "Paid, unknown here", "7.77", "009999", "**0018", "632400000001", "E-9"
    )
    assert "Case 1 is closed" in said
    record |= {
        "kind": "manual",
        "batch": "",
        "trace": "",
        "application": 99,
        "reference": "E-1010",
    }
    assert (await take_in(clerk, json.dumps(record), "form.jsonl"))["paid_unknown"] == 1
    said = await close_the_case(
        clerk, "Paid, unknown here", f"Application{99:>29}", "7.77", "E-1010"
    )
    assert "Case 2 is closed" in said
    assert clerk.site.ledger.cases.open_ones() == []


async def asked_for(clerk: SimClerk) -> str:
    """The prompt that came by itself, and what it says."""
    await clerk.wait("outcomes.confirm")
    return clerk.text


@logged_in(ASKED)
async def test_what_it_would_settle_is_shown_at_once_and_taken_by_a_supervisor(
    clerk: SimClerk,
) -> None:
    declined = await a_refund(clerk, "lie:05")
    unknown = await a_refund(clerk, "drop-answer")
    report = await take_in(clerk, file_of(clerk))
    assert (report["imported"], report["waiting"]) == (False, True)
    shown = await asked_for(clerk)
    for fact in ("1121.jsonl", "Paid: 1", "1.23", "Not paid: 0", "Cases: 1, over"):
        assert fact in shown
    assert clerk.site.refund(unknown.refund_id).state is State.UNKNOWN
    clerk.press("enter")
    await clerk.approve(0)
    await clerk.wait("home")
    assert clerk.site.refund(unknown.refund_id).state is State.ACCEPTED
    assert clerk.site.refund(declined.refund_id).state is State.DECLINED
    assert clerk.site.sale(clerk.site.shop.sale("visa-older").sale_id).locked
    await come_to_rest(clerk.site, clerk)


@logged_in(ASKED)
async def test_who_is_at_work_is_asked_back_at_home(clerk: SimClerk) -> None:
    unknown = await a_refund(clerk, "drop-answer")
    await clerk.find(clerk.site.shop.sale("mastercard-older"))
    await take_in(clerk, file_of(clerk))
    assert clerk.prompt == "sale"
    clerk.press("cancel")
    await asked_for(clerk)
    clerk.press("menu")
    await clerk.wait_text("Refuse the acquirer's file")
    await clerk.approve(0)
    await clerk.wait("home")
    assert clerk.site.refund(unknown.refund_id).state is State.UNKNOWN
    (state,) = [await clerk.site.terminal.verbs["state"]({})]
    assert state["outcomes"] == {"waiting": 0}
    folder = clerk.site.terminal.config.outcomes / "refused"
    assert (folder / "1121.jsonl").exists()


@logged_in(ASKED)
async def test_put_off_it_is_counted_and_asked_at_the_next_log_in(clerk: SimClerk) -> None:
    unknown = await a_refund(clerk, "drop-answer")
    await take_in(clerk, file_of(clerk))
    await asked_for(clerk)
    clerk.press("enter")
    await clerk.wait("supervisor.number")
    clerk.press("cancel")
    await clerk.wait("home")
    await clerk.wait_text("Acquirer's files to confirm: 1")
    assert (await clerk.site.terminal.verbs["state"]({}))["outcomes"] == {"waiting": 1}
    await clerk.at(": menu", "menu: 5 1")
    await clerk.wait("login.number")
    await clerk.log_in()
    await asked_for(clerk)
    clerk.press("enter")
    await clerk.approve(0)
    await clerk.wait("home")
    assert clerk.site.refund(unknown.refund_id).state is State.ACCEPTED


@logged_in(ASKED)
async def test_a_file_that_waits_outlives_a_kill(clerk: SimClerk) -> None:
    unknown = await a_refund(clerk, "drop-answer")
    await take_in(clerk, file_of(clerk))
    await asked_for(clerk)
    clerk.site.terminal.kill()
    await clerk.site.revive()
    await clerk.wait_for_life()
    await clerk.log_in()
    await asked_for(clerk)
    assert clerk.site.refund(unknown.refund_id).state is State.UNKNOWN
    clerk.press("enter")
    await clerk.approve(0)
    await clerk.wait("home")
    assert clerk.site.refund(unknown.refund_id).state is State.ACCEPTED


@logged_in(ENGLISH)
async def test_of_a_sale_that_the_till_voided_nothing_is_said_to_remain(clerk: SimClerk) -> None:
    """A part of it had gone back here before."""
    await sell(clerk, "GOODS", {"kind": "cash", "amount": 900}, **CASH)
    clerk.scan("GOODS")
    await clerk.at("sale: enter", "refund.amount: 3 0 0 enter", "refund.reason: 4")
    await clerk.approve()
    await clerk.pay_out()
    await clerk.at("cash.hand_over: enter", "result: enter")
    await clerk.home()
    void = {"kind": "sale_voided", "sale_id": "GOODS", "at": "2026-11-20T12:00:00+08:00"}
    await report(clerk, json.dumps(void))
    said = await close_the_case(clerk)
    assert "Remaining" not in said
    assert "The sale was already voided" in " ".join(said.split())
