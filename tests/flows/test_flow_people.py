"""Who may do what: log-in, approvals, the idle lock, the technician (R22, R23, R25, R26)."""

from __future__ import annotations

import pytest
from hw_sim.proofs.simulation.clerk import SimClerk
from hw_sim.proofs.simulation.mutants import TRUST
from hw_sim.proofs.simulation.site import Setting
from worlds.counter import at_the_counter, logged_in, tell

from pos_terminal.core.people import Role
from pos_terminal.ports import JobState
from pos_terminal.texts import Language


@at_the_counter()
async def test_a_wrong_pin_is_refused_and_the_next_person_may_log_in(clerk: SimClerk) -> None:
    me = clerk.site.shop.person(Role.CLERK)
    await clerk.at(f"login.number: {me.number} enter", "login.pin: 7391 enter")
    await clerk.at("login.failed: enter")
    await clerk.log_in(1)
    assert clerk.prompt == "home"


@at_the_counter()
async def test_a_digit_on_a_refused_login_begins_the_next_number(clerk: SimClerk) -> None:
    me = clerk.site.shop.person(Role.CLERK)
    await clerk.at(f"login.number: {me.number} enter", "login.pin: 7391 enter")
    await clerk.at(f"login.failed: {me.number} enter {me.pin} enter", "home")


@at_the_counter()
async def test_too_short_is_said(clerk: SimClerk) -> None:
    await clerk.answer("login.number", clerk.site.shop.person(Role.CLERK).number)
    await clerk.answer("login.pin", "123")
    await clerk.wait_text("at least 4")


@at_the_counter()
async def test_number_and_pin_may_be_typed_in_one_go(clerk: SimClerk) -> None:
    me = clerk.site.shop.person(Role.CLERK)
    await clerk.at(f"login.number: {me.number} enter {me.pin} enter", "home")


@at_the_counter()
async def test_nobody_approves_their_own_refund_and_a_clerk_is_no_supervisor(
    clerk: SimClerk,
) -> None:
    people = clerk.site.shop
    boss, other = people.person(Role.SUPERVISOR), people.person(Role.CLERK, 1)
    await clerk.at(f"login.number: {boss.number} enter", f"login.pin: {boss.pin} enter", "home")
    await clerk.ask_for(people.sale("visa-older"), 100)
    await clerk.at(f"supervisor.number: {boss.number} enter", f"supervisor.pin: {boss.pin} enter")
    await clerk.wait_text("Nobody approves their own")
    await clerk.at(f"supervisor.number: {other.number} enter", f"supervisor.pin: {other.pin} enter")
    await clerk.wait_text("> _")
    await clerk.wait("supervisor.number")
    assert clerk.site.ledger.applications.approvals(1) == []
    await clerk.approve(1)
    await clerk.wait("card.present")
    (approval,) = clerk.site.ledger.applications.approvals(1)
    assert approval.supervisor == people.person(Role.SUPERVISOR, 1).number
    assert approval.amount == 100


ASK_TWO = Setting(language=Language.EN, rules={"ceiling": {"two_above": 50}})


async def the_same_twice(clerk: SimClerk) -> None:
    """Two supervisors are asked for, and one says yes both times."""
    await clerk.ask_for(clerk.site.shop.sale("visa-older"), 100)
    await clerk.approve()
    await clerk.approve()


@logged_in(ASK_TWO)
async def test_where_two_are_asked_for_one_supervisor_is_not_two(clerk: SimClerk) -> None:
    await clerk.ask_for(clerk.site.shop.sale("visa-older"), 100)
    assert "Supervisor 1 of 2" in clerk.text
    assert "Approved" not in clerk.text
    await clerk.approve()
    await clerk.wait_text("Supervisor 2 of 2")
    boss = clerk.site.shop.person(Role.SUPERVISOR)
    for page in ("supervisor.number", "supervisor.pin"):
        await clerk.wait(page)
        assert "Approved 1 of 2" in clerk.text
        assert f"{boss.number} {boss.name}" in clerk.text
        if page == "supervisor.number":
            clerk.press(boss.number, "enter")
    clerk.press(boss.pin, "enter")
    await clerk.wait_text("Another supervisor")
    assert "Approved 1 of 2" in clerk.text
    await clerk.wait("supervisor.number")
    assert clerk.site.ledger.applications.approvals(1) == []
    await clerk.approve(1)
    await clerk.wait("card.present")
    people = [one.supervisor for one in clerk.site.ledger.applications.approvals(1)]
    assert people == [clerk.site.shop.person(Role.SUPERVISOR, place).number for place in (0, 1)]


def test_the_mutant_that_counts_one_twice_comes_to_no_card() -> None:
    """The ledger does not take it, whatever the screen did."""

    async def story(clerk: SimClerk) -> None:
        await clerk.log_in()
        with TRUST["one supervisor counts twice"]():
            await the_same_twice(clerk)
            await clerk.wait("failure", "home")
        assert clerk.site.ledger.applications.approvals(1) == []
        assert clerk.site.ledger.refunds.recent(1) == []
        assert len(clerk.site.crashes) == 1
        clerk.site.crashes.clear()

    tell(story, ASK_TWO)


@logged_in()
async def test_a_wrong_supervisor_pin_asks_again_and_cancel_gives_up(clerk: SimClerk) -> None:
    await clerk.ask_for(clerk.site.shop.sale("visa-older"), 100)
    await clerk.approve(pin="7391")
    await clerk.at("supervisor.number: cancel", "home")
    application = clerk.site.application(1)
    assert application.state == "cancelled"


@logged_in()
async def test_a_mistyped_supervisors_number_is_typed_again(clerk: SimClerk) -> None:
    """Cancel at the PIN leads back to the number, of a badge too, and again gives the refund up."""
    await clerk.ask_for(clerk.site.shop.sale("cash-today"), 100)
    boss = clerk.site.shop.person(Role.SUPERVISOR)
    await clerk.at("supervisor.number: 2 9 9 enter", "supervisor.pin")
    assert "299" in clerk.text
    assert "CANCEL: other number" in clerk.text
    await clerk.at(": cancel", "supervisor.number")
    assert "299" not in clerk.text
    clerk.scan(boss.badge)
    await clerk.at("supervisor.pin: cancel", f"supervisor.number: {boss.number} enter")
    await clerk.at(f"supervisor.pin: {boss.pin} enter", "refund.confirm: cancel", "home")
    (given,) = clerk.site.ledger.applications.approvals(1)
    assert given.supervisor == boss.number
    await clerk.ask_for(clerk.site.shop.sale("cash-today"), 100)
    await clerk.at("supervisor.number: 1 enter", "supervisor.pin: cancel cancel", "home")
    assert clerk.site.application(2).state == "cancelled"
    refused = "SELECT count(*) FROM audit WHERE kind = 'approval_refused'"
    assert clerk.site.ledger.db.execute(refused).fetchone()[0] == 0


@logged_in()
async def test_the_idle_lock_keeps_the_refund_that_was_begun(clerk: SimClerk) -> None:
    await clerk.find(clerk.site.shop.sale("visa-older"))
    await clerk.wait("lock.pin", seconds=16 * 60)
    clerk.press("7391", "enter")
    await clerk.at("lock.failed: enter", f"lock.pin: {clerk.me.pin} enter", "sale: enter")
    await clerk.at("refund.amount")


@at_the_counter()
async def test_a_technician_sees_no_money_and_logs_out(clerk: SimClerk) -> None:
    me = clerk.site.shop.person(Role.TECHNICIAN)
    await clerk.at(f"login.number: {me.number} enter", f"login.pin: {me.pin} enter", "menu")
    clerk.scan(clerk.site.shop.sale("visa-older").receipt_no)
    await clerk.at("menu: 5 1", "login.number")


@logged_in()
async def test_a_technician_lifts_a_stop_and_tries_the_line(clerk: SimClerk) -> None:
    sale = clerk.site.shop.sale("visa-older")
    clerk.site.acquirer.set_mode("code:03", count=1)
    await clerk.give_back(sale, 100)
    await clerk.accept()
    clerk.scan(sale.receipt_no)
    await clerk.at("failure: enter", "home: menu", "menu: 5 1")
    tech = clerk.site.shop.person(Role.TECHNICIAN)
    await clerk.at(f"login.number: {tech.number} enter", f"login.pin: {tech.pin} enter")
    for choice, said in (("7 1", "Signed on"), ("7 2", "answered in")):
        await clerk.at(f"menu: {choice}", "line.done")
        assert said in clerk.text
        clerk.press("enter")
    await clerk.at("menu: 5 1")
    await clerk.log_in()
    await clerk.find(sale)


@pytest.mark.parametrize(
    ("fault", "kinds", "said"),
    [
        ("refuse", ["connection"], "No line to the acquirer"),
        ("swallow", ["sign-on", "echo"], "The acquirer does not answer"),
    ],
)
@at_the_counter()
async def test_a_line_that_fails_its_test_says_nothing_of_a_refund(
    clerk: SimClerk, fault: str, kinds: list[str], said: str
) -> None:
    tech = clerk.site.shop.person(Role.TECHNICIAN)
    await clerk.site.until(lambda: bool(signed_on(clerk)), 30, "sign-on")
    await clerk.at(f"login.number: {tech.number} enter", f"login.pin: {tech.pin} enter")
    clerk.site.acquirer.set_mode(fault, on=kinds)
    for choice in ("7 1", "7 2"):
        await clerk.at(f"menu: {choice}", "failure")
        assert said in clerk.text
        assert "refund" not in clerk.text.lower()
        clerk.press("enter")


def signed_on(clerk: SimClerk) -> list[object]:
    entries = clerk.site.acquirer.log.entries()
    return [one for one in entries if one.get("mti") == "0810"]


@at_the_counter()
async def test_a_scan_before_the_first_sign_on_waits_for_it(clerk: SimClerk) -> None:
    clerk.site.acquirer.set_mode("delay:2", on=["sign-on"])
    clerk.site.parts.synchronised = False
    clerk.site.terminal.kill()
    await clerk.site.revive()
    await clerk.wait_for_life()
    await clerk.log_in()
    clerk.scan(clerk.site.shop.sale("visa-older").receipt_no)
    assert await clerk.wait("sale", "failure") == "sale"


@logged_in()
async def test_the_own_pin_is_changed_from_the_menu(clerk: SimClerk) -> None:
    await clerk.from_menu("Change PIN")
    await clerk.wait("pin.old")
    assert "Change PIN" in clerk.text
    assert "Your PIN so far" in clerk.text
    await clerk.at(f"pin.old: {clerk.me.pin} enter", "pin.new: 1234 enter", "pin.again: 1234 enter")
    await clerk.at("pin.failed: enter", "pin.new: 830517 enter", "pin.again: 830518 enter")
    await clerk.at("pin.failed: enter", "pin.new: 830517 enter", "pin.again: 830517 enter", "home")
    await clerk.from_menu("Log out")
    await clerk.at(f"login.number: {clerk.me.number} enter", "login.pin: 830517 enter", "home")


@logged_in()
async def test_a_card_taken_out_while_locked_is_not_waited_for(clerk: SimClerk) -> None:
    await clerk.to_card(clerk.site.shop.sale("visa-older"), 100)
    clerk.insert("visa")
    await clerk.wait("card.remove")
    await clerk.wait("lock.pin", seconds=16 * 60)
    clerk.take_away()
    await clerk.at(f"lock.pin: {clerk.me.pin} enter", "result")


@logged_in()
async def test_a_card_shown_while_locked_is_read_after_it(clerk: SimClerk) -> None:
    await clerk.to_card(clerk.site.shop.sale("visa-older"), 100)
    await clerk.wait("lock.pin", seconds=16 * 60)
    clerk.insert("visa")
    await clerk.go(clerk.me.pin, "enter", to="card.remove")
    clerk.take_away()
    await clerk.wait("result")


@logged_in()
async def test_a_supervisor_frees_a_terminal_whose_clerk_has_gone(clerk: SimClerk) -> None:
    await clerk.to_card(clerk.site.shop.sale("visa-older"), 100)
    await clerk.wait("lock.pin", seconds=16 * 60)
    await clerk.at(": cancel", "lock.number: cancel", "lock.pin: cancel")
    other = clerk.site.shop.person(Role.CLERK, 1)
    await clerk.at(f"lock.number: {other.number} enter", f"lock.supervisor: {other.pin} enter")
    await clerk.at("lock.failed: enter", "lock.pin: cancel")
    boss = clerk.site.shop.person(Role.SUPERVISOR)
    await clerk.at(f"lock.number: {boss.number} enter", f"lock.supervisor: {boss.pin} enter")
    await clerk.at("login.number")
    application = clerk.site.application(1)
    assert application.state == "cancelled"
    await clerk.log_in(1)


@logged_in()
async def test_a_wrong_old_pin_ends_the_change_and_counts_once(clerk: SimClerk) -> None:
    await clerk.from_menu("Change PIN")
    new = "739154" if clerk.me.pin != "739154" else "915473"
    await clerk.answer("pin.old", "739" + clerk.me.pin)
    await clerk.at(f"pin.new: {new} enter", f"pin.again: {new} enter", "failure")
    assert "Wrong number, badge or PIN, 5 left" in clerk.text
    await clerk.go("enter", to="home")
    await clerk.from_menu("Log out")
    await clerk.log_in()


@logged_in()
async def test_slips_that_came_out_while_locked_are_said_to_be_printed(clerk: SimClerk) -> None:
    clerk.site.parts.printer.printer.change(paper_out=True)
    await clerk.give_back(clerk.site.shop.sale("visa-older"), 100)
    await clerk.wait("result")
    assert "Paper out" in clerk.text
    await clerk.wait("lock.pin", seconds=16 * 60)
    clerk.site.parts.printer.printer.change(paper_out=False)
    await clerk.site.until(
        lambda: len(clerk.site.ledger.slips.in_state(JobState.READY, JobState.SENDING)) == 0,
        60,
        "slips",
    )
    await clerk.go(clerk.me.pin, "enter", to="result")
    assert "Slips printed" in clerk.text
