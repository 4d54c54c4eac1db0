"""Two people conclude an unknown outcome at the keypad (R32)."""

from __future__ import annotations

import asyncio

import pytest
from hw_sim.proofs.simulation.clerk import SimClerk
from worlds.counter import NEVER, a_refund, at_the_counter
from worlds.told_outcomes import file_of, take_in

from pos_terminal.core import receipt_code
from pos_terminal.core.people import Role
from pos_terminal.core.refund import Refund, State
from pos_terminal.services.proof.verify import verify_store

REFERENCE = "20261120017"
HOURS = 3600.0


async def lose_an_answer(clerk: SimClerk, fault: str = "drop-answer") -> Refund:
    """A refund of 123 whose outcome stays unknown, made by the first clerk."""
    await clerk.log_in()
    refund = await a_refund(clerk, fault)
    assert refund.state is State.UNKNOWN
    return refund


async def to_the_outcome(clerk: SimClerk) -> None:
    """From home, through the menu's list, to what the acquirer says."""
    await clerk.at(": menu", "menu: 3 1", "pending: 1", "unknown.facts: enter", "unknown.outcome")


async def conclude(clerk: SimClerk, outcome: str, paid: str = "") -> None:
    """The whole script, with both supervisors, to what the terminal says at its end."""
    await to_the_outcome(clerk)
    clerk.press(outcome)
    if outcome == "1":
        await clerk.answer("unknown.amount", paid)
    await clerk.answer("unknown.reference", REFERENCE)
    await clerk.approve(0)
    await clerk.approve(1)
    await clerk.at("unknown.confirm: enter", "unknown.done")


@at_the_counter(NEVER)
async def test_the_screen_has_all_that_the_acquirer_asks_for(clerk: SimClerk) -> None:
    refund = await lose_an_answer(clerk, "swallow")
    await clerk.at(": menu", "menu: 3 1", "pending")
    assert str(refund.stan) in clerk.text
    await clerk.go("1", to="unknown.facts")
    shown = clerk.text
    code = receipt_code.encode(
        refund.kind,
        clerk.site.terminal.config.terminal.merchant_id,
        clerk.site.terminal.config.terminal.terminal_id,
        refund.refund_id,
    )
    for fact in (
        "The acquirer did not answer in time",
        "1.23",
        refund.masked,
        refund.batch,
        refund.stan,
        code,
        f"{refund.sealed_at:%Y-%m-%d %H:%M:%S}",
        "11-20 23:00",
    ):
        assert str(fact) in shown
    await clerk.go("cancel", to="home")
    assert clerk.site.ledger.refunds.open_ones() == [refund]


@at_the_counter(NEVER)
async def test_paid_goes_into_the_books_and_onto_paper(clerk: SimClerk) -> None:
    refund = await lose_an_answer(clerk)
    await conclude(clerk, "1")
    await clerk.wait_text("Recorded as paid")
    await clerk.home()
    after = clerk.site.refund(refund.refund_id)
    assert (after.state, after.done, after.flagged) == (State.ACCEPTED, 123, True)
    (finding,) = clerk.site.ledger.findings.of_refund(refund.refund_id)
    assert (finding.done, finding.reference, finding.operator) == (123, REFERENCE, "101")
    assert [one.supervisor for one in finding.approvals] == ["201", "202"]
    await clerk.site.until(lambda: len(clerk.papers) == 4, 60, "slips")
    merchant, customer = clerk.papers[-2:]
    assert REFERENCE in merchant
    assert "202" in merchant
    assert "CONCLUDED BY PEOPLE" in customer
    verify_store(clerk.site.ledger)


@at_the_counter(NEVER)
async def test_not_paid_waits_for_the_cut_off_and_then_the_refund_is_done_again(
    clerk: SimClerk,
) -> None:
    refund = await lose_an_answer(clerk, "swallow")
    await to_the_outcome(clerk)
    await clerk.go("2", to="failure")
    await clerk.wait_text("only from 11-20 23:00 on")
    await clerk.home()
    assert clerk.site.ledger.refunds.open_ones() == [refund]
    await asyncio.sleep(11 * HOURS)
    await clerk.home()
    await conclude(clerk, "2")
    await clerk.wait_text("The acquirer says: not paid")
    await clerk.home()
    assert clerk.site.refund(refund.refund_id).state is State.GIVEN_UP
    await clerk.give_back(clerk.site.shop.sale("visa-older"), 123)
    await clerk.home()
    again = clerk.site.ledger.refunds.recent(1)[0]
    assert (again.state, again.done) == (State.ACCEPTED, 123)
    verify_store(clerk.site.ledger)


@at_the_counter(NEVER)
async def test_it_takes_two_supervisors_neither_of_them_twice(clerk: SimClerk) -> None:
    refund = await lose_an_answer(clerk)
    await to_the_outcome(clerk)
    await clerk.at(": 1", "unknown.amount: enter", f"unknown.reference: {REFERENCE} enter")
    await clerk.approve(0)
    await clerk.approve(0)
    await clerk.wait_text("Another supervisor is needed")
    await clerk.go("cancel", to="home")
    assert clerk.site.ledger.refunds.open_ones() == [refund]
    assert clerk.site.ledger.findings.of_refund(refund.refund_id) == []


@at_the_counter(NEVER)
async def test_who_made_the_refund_does_not_conclude_it(clerk: SimClerk) -> None:
    await lose_an_answer(clerk)
    await to_the_outcome(clerk)
    await clerk.at(": 1", "unknown.amount: enter", f"unknown.reference: {REFERENCE} enter")
    await clerk.at("supervisor.number: 101 enter", f"supervisor.pin: {clerk.me.pin} enter")
    await clerk.wait_text("Nobody approves their own refund")


@at_the_counter(NEVER)
async def test_without_the_acquirers_reference_it_does_not_go_on(clerk: SimClerk) -> None:
    await lose_an_answer(clerk)
    await to_the_outcome(clerk)
    clerk.press("1")
    await clerk.answer("unknown.amount", "")
    for typed in ("", "1", "23"):
        await clerk.answer("unknown.reference", typed)
    assert clerk.prompt == "unknown.reference"
    await clerk.go("4", "enter", to="supervisor.number")


@pytest.mark.parametrize(
    "at", ["unknown.amount", "unknown.reference", "supervisor.number", "unknown.confirm"]
)
@at_the_counter(NEVER)
async def test_cancel_leaves_it_unknown(clerk: SimClerk, at: str) -> None:
    refund = await lose_an_answer(clerk)
    await to_the_outcome(clerk)
    clerk.press("1")
    if at != "unknown.amount":
        await clerk.answer("unknown.amount", "")
    if at not in ("unknown.amount", "unknown.reference"):
        await clerk.answer("unknown.reference", REFERENCE)
    if at == "unknown.confirm":
        await clerk.approve(0)
        await clerk.approve(1)
    await clerk.wait(at)
    await clerk.go("cancel", to="home")
    assert clerk.site.ledger.refunds.open_ones() == [refund]


@at_the_counter(NEVER)
async def test_it_works_while_trading_is_stopped(clerk: SimClerk) -> None:
    refund = await lose_an_answer(clerk)
    clerk.site.acquirer.set_mode("code:03", 1)
    await clerk.ask_for(clerk.site.shop.sale("mastercard-older"), 100)
    await clerk.approve()
    await clerk.show_card("mastercard")
    await clerk.home()
    clerk.scan(clerk.site.shop.sale("mastercard-older").receipt_no)
    await clerk.wait("failure")
    await clerk.home()
    await conclude(clerk, "1")
    await clerk.home()
    assert clerk.site.refund(refund.refund_id).state is State.ACCEPTED


@at_the_counter(NEVER)
async def test_the_technician_only_reads_the_list(clerk: SimClerk) -> None:
    refund = await lose_an_answer(clerk)
    await clerk.at(": menu", "menu: 5 1")
    technician = clerk.site.shop.person(Role.TECHNICIAN)
    await clerk.at(f"login.number: {technician.number} enter", f"login.pin: {technician.pin} enter")
    await clerk.at("menu: 3 1", "pending")
    assert str(refund.stan) in clerk.text
    await clerk.go("1", "enter", to="menu")
    assert clerk.site.ledger.refunds.open_ones() == [refund]


@at_the_counter(NEVER)
async def test_what_was_answered_while_the_menu_was_read_is_said_to_be_none(
    clerk: SimClerk,
) -> None:
    await lose_an_answer(clerk)
    await clerk.at(": menu", "menu: 3", "menu.to_do")
    await take_in(clerk, file_of(clerk))
    clerk.press("1")
    await clerk.wait_text("Nothing is pending")
    await clerk.go("enter", to="home")
