"""Given up as not paid, and then the acquirer says on the telephone that it was (R32)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest
from hw_sim.proofs.simulation.clerk import SimClerk
from hw_sim.proofs.simulation.invariants import violations
from hw_sim.proofs.simulation.rest import come_to_rest
from hw_sim.proofs.simulation.site import Setting

from pos_terminal.core.people import Role
from pos_terminal.core.refund import Refund, State
from pos_terminal.services.proof.verify import verify_store
from pos_terminal.texts import Language

Counter = Callable[..., None]
NEVER = Setting(repeat="never", language=Language.EN)
WRONG, RIGHT, RECOVERED = "20261120017", "20261123004", "20261130001"
HOURS = 3600.0


async def unknown(clerk: SimClerk, fault: str = "drop-answer") -> Refund:
    """A refund of 123 that was paid and whose answer never came."""
    await clerk.log_in()
    clerk.site.acquirer.set_mode(fault, 1)
    await clerk.ask_for(clerk.site.shop.sale("visa-older"), 123)
    await clerk.approve()
    await clerk.show_card("visa")
    await clerk.home()
    refund: Refund
    (refund,) = clerk.site.ledger.refunds.open_ones()
    return refund


async def menu(clerk: SimClerk, choice: str) -> None:
    clerk.press("menu")
    await clerk.wait("menu")
    clerk.press(choice)


async def by_two(clerk: SimClerk, reference: str) -> None:
    await clerk.answer("unknown.reference", reference)
    await clerk.approve(0)
    await clerk.approve(1)
    await clerk.answer("unknown.confirm", "")
    await clerk.wait("unknown.done")


async def pending(clerk: SimClerk) -> None:
    await menu(clerk, "5")
    await clerk.wait("pending")


async def give_up(clerk: SimClerk) -> None:
    """Two people are told, wrongly, that nothing was paid."""
    await asyncio.sleep(11 * HOURS)
    await clerk.home()
    await pending(clerk)
    clerk.press("1")
    await clerk.answer("unknown.facts", "")
    await clerk.wait("unknown.outcome")
    clerk.press("2")
    await by_two(clerk, WRONG)
    await clerk.home()


async def to_the_given_up(clerk: SimClerk) -> None:
    await pending(clerk)
    await clerk.wait_text("Given up as not paid")
    clerk.press("1")
    await clerk.wait("given_up")
    clerk.press("1")
    await clerk.wait("unknown.facts")


async def paid_after_all(clerk: SimClerk, amount: str = "") -> None:
    await to_the_given_up(clerk)
    await clerk.wait_text(WRONG)
    clerk.press("enter")
    await clerk.answer("unknown.amount", amount)
    await by_two(clerk, RIGHT)
    await clerk.wait_text("Approved after it was given up")
    await clerk.home()


async def close_the_case(clerk: SimClerk) -> None:
    await menu(clerk, "8")
    await clerk.wait("cases")
    await clerk.wait_text("Overpayment")
    clerk.press("1")
    await clerk.answer("case.facts", "")
    await clerk.answer("case.reference", RECOVERED)
    await clerk.approve(0)
    await clerk.approve(1)
    await clerk.answer("case.confirm_closing", "")
    await clerk.wait("case.closed")


def test_what_the_telephone_tells_has_the_effects_of_a_late_approval(
    at_the_counter: Counter,
) -> None:
    async def story(clerk: SimClerk) -> None:
        refund = await unknown(clerk)
        await give_up(clerk)
        sale = clerk.site.shop.sale("visa-older")
        await paid_after_all(clerk)
        after = clerk.site.ledger.refunds.by_id(refund.refund_id)
        assert (after.state, after.done, after.flagged) == (State.OVERPAID, 123, True)
        assert clerk.site.ledger.sales.by_id(sale.sale_id).locked
        found = clerk.site.ledger.findings.of_refund(refund.refund_id)
        assert [(one.done, one.reference) for one in found] == [(0, WRONG), (123, RIGHT)]
        (case,) = clerk.site.ledger.cases.open_ones()
        assert (case.kind, case.refund_id) == ("overpayment", refund.refund_id)
        await clerk.home()
        await clerk.wait_text("Open cases: 1")
        await come_to_rest(clerk.site, clerk)
        slip = clerk.site.parts.printer.texts()[-1]
        assert "APPROVED LATE" in slip
        for fact in (WRONG, RIGHT, "201", "202", "1.23"):
            assert fact in slip
        clerk.scan(sale.receipt_no)
        await clerk.wait_text("The sale is locked: see its case")
        await clerk.home()
        assert violations(clerk.site) == []

    at_the_counter(story, NEVER)


def test_its_case_is_closed_by_two_and_the_rest_of_the_sale_goes_back(
    at_the_counter: Counter,
) -> None:
    async def story(clerk: SimClerk) -> None:
        await unknown(clerk)
        await give_up(clerk)
        sale = clerk.site.shop.sale("visa-older")
        await paid_after_all(clerk)
        await close_the_case(clerk)
        await clerk.wait_text("Case 2 is closed")
        await clerk.home()
        after = clerk.site.ledger.sales.by_id(sale.sale_id)
        assert (after.locked, after.done, after.remaining) == (False, 123, sale.amount - 123)
        await clerk.ask_for(sale)
        await clerk.approve()
        await clerk.show_card("visa")
        await clerk.home()
        await come_to_rest(clerk.site, clerk)
        assert clerk.site.ledger.sales.by_id(sale.sale_id).remaining == 0
        assert violations(clerk.site) == []

    at_the_counter(story, NEVER)


def test_less_than_all_may_have_been_paid(at_the_counter: Counter) -> None:
    async def story(clerk: SimClerk) -> None:
        refund = await unknown_in_part(clerk)
        await pending(clerk)
        clerk.press("1")
        await clerk.answer("unknown.facts", "")
        await clerk.wait("unknown.outcome")
        clerk.press("1")
        await clerk.answer("unknown.amount", "124")
        await clerk.wait_text("at most 1.23")
        await clerk.answer("unknown.amount", "100")
        await clerk.wait_text("1.00")
        await by_two(clerk, RIGHT)
        await clerk.home()
        after = clerk.site.ledger.refunds.by_id(refund.refund_id)
        assert (after.state, after.done) == (State.ACCEPTED, 100)
        sale = clerk.site.ledger.sales.by_id(refund.sale_id)
        assert (sale.done, sale.held) == (100, 0)
        await come_to_rest(clerk.site, clerk)
        for slip in clerk.site.parts.printer.texts()[-2:]:
            assert "1.00" in slip
            assert "Only a part was paid" in slip
        assert violations(clerk.site) == []

    at_the_counter(story, NEVER)


async def unknown_in_part(clerk: SimClerk) -> Refund:
    """The acquirer pays 100 of 123, and its answer is lost."""
    await clerk.log_in()
    clerk.site.acquirer.set_mode("partial:100", on=["refund"])
    clerk.site.acquirer.set_mode("drop-answer", 1, ["refund"], also=True)
    await clerk.ask_for(clerk.site.shop.sale("visa-older"), 123)
    await clerk.approve()
    await clerk.show_card("visa")
    await clerk.home()
    clerk.site.acquirer.set_mode("normal")
    refund: Refund
    (refund,) = clerk.site.ledger.refunds.open_ones()
    return refund


@pytest.mark.parametrize("at", ["given_up", "unknown.facts", "unknown.amount", "supervisor.number"])
def test_cancel_leaves_it_given_up(at_the_counter: Counter, at: str) -> None:
    async def story(clerk: SimClerk) -> None:
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
        clerk.press("cancel")
        await clerk.wait("home")
        assert clerk.site.ledger.refunds.by_id(refund.refund_id).state is State.GIVEN_UP
        assert not clerk.site.ledger.sales.by_id(refund.sale_id).locked

    at_the_counter(story, NEVER)


def test_an_unknown_outcome_is_concluded_and_not_closed(at_the_counter: Counter) -> None:
    async def story(clerk: SimClerk) -> None:
        await unknown(clerk)
        await menu(clerk, "8")
        await clerk.wait("cases")
        await clerk.wait_text("Outcome unknown")
        clerk.press("1")
        await clerk.answer("case.facts", "")
        await clerk.wait("failure")
        await clerk.wait_text("settle the refund first")
        await clerk.home()
        assert len(clerk.site.ledger.cases.open_ones()) == 1

    at_the_counter(story, NEVER)


def test_one_supervisor_closes_a_disputed_slip_and_not_the_clerk_who_made_it(
    at_the_counter: Counter,
) -> None:
    async def story(clerk: SimClerk) -> None:
        await clerk.log_in()
        await clerk.ask_for(clerk.site.shop.sale("visa-older"), 123)
        await clerk.approve()
        await clerk.show_card("visa")
        await clerk.wait("result")
        clerk.press("menu")
        await clerk.answer("case.confirm", "")
        await clerk.answer("case.opened", "")
        await clerk.home()
        before = clerk.site.ledger.refunds.recent(9)
        await menu(clerk, "8")
        await clerk.wait("cases")
        await clerk.wait_text("Slip disputed")
        clerk.press("1")
        await clerk.answer("case.facts", "")
        for typed in ("", "123"):
            await clerk.answer("case.reference", typed)
        assert clerk.prompt == "case.reference"
        await clerk.answer("case.reference", "4")
        await clerk.answer("supervisor.number", clerk.me.number)
        await clerk.answer("supervisor.pin", clerk.me.pin)
        await clerk.wait_text("Nobody approves their own refund")
        await clerk.approve(1)
        await clerk.answer("case.confirm_closing", "")
        await clerk.answer("case.closed", "")
        await clerk.home()
        assert clerk.site.ledger.cases.open_ones() == []
        assert clerk.site.ledger.refunds.recent(9) == before
        await menu(clerk, "8")
        await clerk.wait_text("No open cases")
        await clerk.home()
        verify_store(clerk.site.ledger)

    at_the_counter(story, NEVER)


def test_a_technician_can_not_record_what_the_telephone_tells(at_the_counter: Counter) -> None:
    async def story(clerk: SimClerk) -> None:
        refund = await unknown(clerk)
        await give_up(clerk)
        await menu(clerk, "9")
        technician = clerk.site.shop.person(Role.TECHNICIAN)
        await clerk.answer("login.number", technician.number)
        await clerk.answer("login.pin", technician.pin)
        await clerk.wait("menu")
        clerk.press("1")
        await clerk.wait("pending")
        clerk.press("1", "enter")
        await clerk.wait("menu")
        assert clerk.site.ledger.refunds.by_id(refund.refund_id).state is State.GIVEN_UP

    at_the_counter(story, NEVER)
