"""Given up as not paid, and then the acquirer says on the telephone that it was (R32)."""

from __future__ import annotations

import asyncio

import pytest
from hw_sim.proofs.simulation.clerk import SimClerk
from hw_sim.proofs.simulation.invariants import violations
from hw_sim.proofs.simulation.rest import come_to_rest
from worlds.counter import NEVER, a_refund, at_the_counter, logged_in

from pos_terminal.core.people import Role
from pos_terminal.core.refund import Refund, State
from pos_terminal.services.proof.verify import verify_store

WRONG, RIGHT, RECOVERED = "20261120017", "20261123004", "20261130001"
HOURS = 3600.0


async def unknown(clerk: SimClerk, fault: str = "drop-answer") -> Refund:
    """A refund that was paid and whose answer never came."""
    await clerk.log_in()
    return await a_refund(clerk, fault)


async def menu(clerk: SimClerk, choice: str) -> None:
    await clerk.at(": menu", f"menu: {choice}")


async def by_two(clerk: SimClerk, reference: str) -> None:
    await clerk.answer("unknown.reference", reference)
    await clerk.approve(0)
    await clerk.approve(1)
    await clerk.at("unknown.confirm: enter", "unknown.done")


async def pending(clerk: SimClerk) -> None:
    await menu(clerk, "3 1")
    await clerk.wait("pending")


async def give_up(clerk: SimClerk) -> None:
    """Two people are told, wrongly, that nothing was paid."""
    await asyncio.sleep(11 * HOURS)
    await clerk.home()
    await pending(clerk)
    await clerk.at(": 1", "unknown.facts: enter", "unknown.outcome: 2")
    await by_two(clerk, WRONG)
    await clerk.home()


async def to_the_given_up(clerk: SimClerk) -> None:
    await pending(clerk)
    await clerk.wait_text("Given up, unpaid")
    await clerk.at(": 1", "given_up: 1", "unknown.facts")


async def paid_after_all(clerk: SimClerk, amount: str = "") -> None:
    await to_the_given_up(clerk)
    await clerk.wait_text(WRONG)
    clerk.press("enter")
    await clerk.answer("unknown.amount", amount)
    await by_two(clerk, RIGHT)
    await clerk.wait_text("Approved after it was given up")
    await clerk.home()


async def close_the_case(clerk: SimClerk) -> None:
    await menu(clerk, "4 1")
    await clerk.wait("case.list")
    await clerk.wait_text("Overpayment")
    await clerk.at(
        ": 1",
        "case.facts: enter",
        f"case.reference: {RECOVERED} enter",
        "case.close: 1",
        "case.loss: enter",
    )
    await clerk.approve(0)
    await clerk.approve(1)
    await clerk.at("case.confirm_closing: enter", "case.closed")


@at_the_counter(NEVER)
async def test_what_the_telephone_tells_has_the_effects_of_a_late_approval(clerk: SimClerk) -> None:
    refund = await unknown(clerk)
    await give_up(clerk)
    sale = clerk.site.shop.sale("visa-older")
    await paid_after_all(clerk)
    after = clerk.site.refund(refund.refund_id)
    assert (after.state, after.done, after.flagged) == (State.OVERPAID, 123, True)
    assert clerk.site.sale(sale.sale_id).locked
    found = clerk.site.ledger.findings.of_refund(refund.refund_id)
    assert [(one.done, one.reference) for one in found] == [(0, WRONG), (123, RIGHT)]
    (case,) = clerk.site.ledger.cases.open_ones()
    assert (case.kind, case.refund_id) == ("overpayment", refund.refund_id)
    await clerk.home()
    await clerk.wait_text("Cases due: 1")
    await come_to_rest(clerk.site, clerk)
    slip = clerk.papers[-1]
    assert "APPROVED LATE" in slip
    for fact in (WRONG, RIGHT, "201", "202", "1.23"):
        assert fact in slip
    clerk.scan(sale.receipt_no)
    await clerk.wait_text("The sale is locked: see its case")
    await clerk.home()
    assert violations(clerk.site) == []


@at_the_counter(NEVER)
async def test_its_case_is_closed_by_two_and_the_rest_of_the_sale_goes_back(
    clerk: SimClerk,
) -> None:
    await unknown(clerk)
    await give_up(clerk)
    sale = clerk.site.shop.sale("visa-older")
    await paid_after_all(clerk)
    await close_the_case(clerk)
    await clerk.wait_text("Case 2 is closed")
    await clerk.home()
    after = clerk.site.sale(sale.sale_id)
    assert (after.locked, after.done, after.remaining) == (False, 123, sale.amount - 123)
    await clerk.ask_for(sale)
    await clerk.approve()
    await clerk.show_card("visa")
    await clerk.home()
    await come_to_rest(clerk.site, clerk)
    assert clerk.site.sale(sale.sale_id).remaining == 0
    assert violations(clerk.site) == []


@at_the_counter(NEVER)
async def test_less_than_all_may_have_been_paid(clerk: SimClerk) -> None:
    refund = await unknown_in_part(clerk)
    await pending(clerk)
    await clerk.at(": 1", "unknown.facts: enter", "unknown.outcome: 1", "unknown.amount: 124 enter")
    await clerk.wait_text("at most 1.23")
    await clerk.answer("unknown.amount", "100")
    await clerk.wait_text("1.00")
    await by_two(clerk, RIGHT)
    await clerk.home()
    after = clerk.site.refund(refund.refund_id)
    assert (after.state, after.done) == (State.ACCEPTED, 100)
    sale = clerk.site.ledger.sales.by_key(refund.sale_key)
    assert sale is not None
    assert (sale.done, sale.held) == (100, 0)
    await come_to_rest(clerk.site, clerk)
    for slip in clerk.papers[-2:]:
        assert "1.00" in slip
        assert "Only a part was paid" in slip
    assert violations(clerk.site) == []


async def unknown_in_part(clerk: SimClerk) -> Refund:
    """The acquirer pays 100 of 123, and its answer is lost."""
    await clerk.log_in()
    clerk.site.acquirer.set_mode("partial:100", on=["refund"])
    clerk.site.acquirer.set_mode("drop-answer", 1, ["refund"], also=True)
    await clerk.give_back(clerk.site.shop.sale("visa-older"), 123)
    await clerk.home()
    clerk.site.acquirer.set_mode("normal")
    refund: Refund
    (refund,) = clerk.site.ledger.refunds.open_ones()
    return refund


@pytest.mark.parametrize("at", ["given_up", "unknown.facts", "unknown.amount", "supervisor.number"])
@at_the_counter(NEVER)
async def test_cancel_leaves_it_given_up(clerk: SimClerk, at: str) -> None:
    refund = await unknown(clerk)
    await give_up(clerk)
    await pending(clerk)
    steps = [("given_up", "1"), ("unknown.facts", "enter"), ("unknown.amount", "enter")]
    clerk.press("1")
    for prompt, key in steps:
        await clerk.wait(prompt)
        if prompt == at:
            break
        clerk.press(key)
    if at == "supervisor.number":
        await clerk.answer("unknown.reference", RIGHT)
        await clerk.wait(at)
    await clerk.go("cancel", to="home")
    assert clerk.site.refund(refund.refund_id).state is State.GIVEN_UP
    sale = clerk.site.ledger.sales.by_key(refund.sale_key)
    assert sale is not None
    assert not sale.locked


@at_the_counter(NEVER)
async def test_an_unknown_outcome_is_concluded_and_not_closed(clerk: SimClerk) -> None:
    await unknown(clerk)
    await menu(clerk, "4 1")
    await clerk.wait("case.list")
    await clerk.wait_text("Outcome unknown")
    await clerk.at(": 1", "case.facts: enter", "failure")
    await clerk.wait_text("conclude the refund first")
    await clerk.home()
    assert len(clerk.site.ledger.cases.open_ones()) == 1


@logged_in(NEVER)
async def test_one_supervisor_closes_a_disputed_slip_and_not_the_clerk_who_made_it(
    clerk: SimClerk,
) -> None:
    await clerk.give_back(clerk.site.shop.sale("visa-older"), 123)
    await clerk.at("result: menu", "case.kind: 7", "case.opened: enter", "case.facts: cancel")
    await clerk.home()
    before = clerk.site.ledger.refunds.recent(9)
    await menu(clerk, "4 1")
    await clerk.wait("case.list")
    await clerk.wait_text("Slip disputed")
    clerk.press("1")
    await clerk.answer("case.facts", "")
    for typed in ("", "123"):
        await clerk.answer("case.reference", typed)
    assert clerk.prompt == "case.reference"
    await clerk.at("case.reference: 4 enter", "case.close: 1", "case.loss: enter")
    await clerk.at(f"supervisor.number: {clerk.me.number} enter")
    await clerk.at(f"supervisor.pin: {clerk.me.pin} enter")
    await clerk.wait_text("Nobody approves their own refund")
    await clerk.approve(1)
    await clerk.at("case.confirm_closing: enter", "case.closed: enter")
    await clerk.home()
    assert clerk.site.ledger.cases.open_ones() == []
    assert clerk.site.ledger.refunds.recent(9) == before
    await menu(clerk, "4")
    assert "Open cases" not in clerk.text
    await clerk.home()
    verify_store(clerk.site.ledger)


@at_the_counter(NEVER)
async def test_a_technician_can_not_record_what_the_telephone_tells(clerk: SimClerk) -> None:
    refund = await unknown(clerk)
    await give_up(clerk)
    await menu(clerk, "5 1")
    technician = clerk.site.shop.person(Role.TECHNICIAN)
    await clerk.at(f"login.number: {technician.number} enter", f"login.pin: {technician.pin} enter")
    await clerk.wait("menu")
    assert "To do" not in clerk.text
    assert clerk.site.refund(refund.refund_id).state is State.GIVEN_UP
