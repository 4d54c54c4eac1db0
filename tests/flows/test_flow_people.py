"""Who may do what: log-in, approvals, the idle lock, the technician (R22, R23, R25, R26)."""

from __future__ import annotations

from collections.abc import Callable

from hw_sim.proofs.simulation.clerk import SimClerk

from pos_terminal.core.people import Role
from pos_terminal.ports import JobState

Counter = Callable[..., None]


def test_a_wrong_pin_is_refused_and_the_next_person_may_log_in(at_the_counter: Counter) -> None:
    async def story(clerk: SimClerk) -> None:
        me = clerk.site.shop.person(Role.CLERK)
        await clerk.answer("login.number", me.number)
        await clerk.answer("login.pin", "7391")
        await clerk.wait("login.failed")
        clerk.press("enter")
        await clerk.log_in(1)
        assert clerk.prompt == "home"

    at_the_counter(story)


def test_a_digit_on_a_refused_login_begins_the_next_number(at_the_counter: Counter) -> None:
    async def story(clerk: SimClerk) -> None:
        me = clerk.site.shop.person(Role.CLERK)
        await clerk.answer("login.number", me.number)
        await clerk.answer("login.pin", "7391")
        await clerk.wait("login.failed")
        clerk.press(me.number, "enter", me.pin, "enter")
        await clerk.wait("home")

    at_the_counter(story)


def test_too_short_is_said(at_the_counter: Counter) -> None:
    async def story(clerk: SimClerk) -> None:
        await clerk.answer("login.number", clerk.site.shop.person(Role.CLERK).number)
        await clerk.answer("login.pin", "123")
        await clerk.wait_text("At least 4 digits")

    at_the_counter(story)


def test_number_and_pin_may_be_typed_in_one_go(at_the_counter: Counter) -> None:
    async def story(clerk: SimClerk) -> None:
        me = clerk.site.shop.person(Role.CLERK)
        await clerk.wait("login.number")
        clerk.press(me.number, "enter", me.pin, "enter")
        await clerk.wait("home")

    at_the_counter(story)


def test_nobody_approves_their_own_refund_and_a_clerk_is_no_supervisor(
    at_the_counter: Counter,
) -> None:
    async def story(clerk: SimClerk) -> None:
        people = clerk.site.shop
        boss, other = people.person(Role.SUPERVISOR), people.person(Role.CLERK, 1)
        await clerk.answer("login.number", boss.number)
        await clerk.answer("login.pin", boss.pin)
        await clerk.wait("home")
        await clerk.ask_for(people.sale("visa-older"), 100)
        await clerk.answer("supervisor.number", boss.number)
        await clerk.answer("supervisor.pin", boss.pin)
        await clerk.wait_text("Nobody approves their own")
        await clerk.answer("supervisor.number", other.number)
        await clerk.answer("supervisor.pin", other.pin)
        await clerk.wait_text("> _")
        await clerk.wait("supervisor.number")
        assert clerk.site.ledger.applications.approvals(1) == []
        await clerk.approve(1)
        await clerk.wait("card.present")
        (approval,) = clerk.site.ledger.applications.approvals(1)
        assert approval.supervisor == people.person(Role.SUPERVISOR, 1).number
        assert approval.amount == 100

    at_the_counter(story)


def test_a_wrong_supervisor_pin_asks_again_and_cancel_gives_up(at_the_counter: Counter) -> None:
    async def story(clerk: SimClerk) -> None:
        await clerk.log_in()
        await clerk.ask_for(clerk.site.shop.sale("visa-older"), 100)
        await clerk.approve(pin="7391")
        await clerk.wait("supervisor.number")
        clerk.press("cancel")
        await clerk.wait("home")
        application = clerk.site.ledger.applications.by_number(1)
        assert application is not None
        assert application.state == "cancelled"

    at_the_counter(story)


def test_the_idle_lock_keeps_the_refund_that_was_begun(at_the_counter: Counter) -> None:
    async def story(clerk: SimClerk) -> None:
        await clerk.log_in()
        await clerk.find(clerk.site.shop.sale("visa-older"))
        await clerk.wait("lock.pin", seconds=16 * 60)
        clerk.press("7391", "enter")
        await clerk.wait("lock.failed")
        clerk.press("enter")
        await clerk.wait("lock.pin")
        clerk.press(clerk.me.pin, "enter")
        await clerk.wait("sale")
        clerk.press("enter")
        await clerk.wait("refund.amount")

    at_the_counter(story)


def test_a_technician_sees_no_money_and_logs_out(at_the_counter: Counter) -> None:
    async def story(clerk: SimClerk) -> None:
        me = clerk.site.shop.person(Role.TECHNICIAN)
        await clerk.answer("login.number", me.number)
        await clerk.answer("login.pin", me.pin)
        await clerk.wait("menu")
        clerk.press("1")
        await clerk.wait("pending")
        clerk.press("enter")
        await clerk.wait("menu")
        clerk.scan(clerk.site.shop.sale("visa-older").receipt_no)
        clerk.press("up", "enter")
        await clerk.wait("login.number")

    at_the_counter(story)


def test_a_technician_lifts_a_stop_and_tries_the_line(at_the_counter: Counter) -> None:
    async def story(clerk: SimClerk) -> None:
        await clerk.log_in()
        sale = clerk.site.shop.sale("visa-older")
        clerk.site.acquirer.set_mode("code:03", count=1)
        await clerk.give_back(sale, 100)
        await clerk.accept()
        clerk.scan(sale.receipt_no)
        await clerk.wait("failure")
        clerk.press("enter")
        await clerk.wait("home")
        clerk.press("menu")
        await clerk.wait("menu")
        clerk.press("up", "enter")
        tech = clerk.site.shop.person(Role.TECHNICIAN)
        await clerk.answer("login.number", tech.number)
        await clerk.answer("login.pin", tech.pin)
        for choice, said in (("2", "Signed on"), ("3", "answered in")):
            await clerk.wait("menu")
            clerk.press(choice)
            await clerk.wait("line.done")
            assert said in clerk.site.terminal.screen.text
            clerk.press("enter")
        await clerk.wait("menu")
        clerk.press("up", "enter")
        await clerk.log_in()
        await clerk.find(sale)

    at_the_counter(story)


def test_a_scan_before_the_first_sign_on_waits_for_it(at_the_counter: Counter) -> None:
    async def story(clerk: SimClerk) -> None:
        clerk.site.acquirer.set_mode("delay:2", on=["sign-on"])
        clerk.site.parts.synchronised = False
        clerk.site.terminal.kill()
        await clerk.site.revive()
        await clerk.wait_for_life()
        await clerk.log_in()
        clerk.scan(clerk.site.shop.sale("visa-older").receipt_no)
        assert await clerk.wait("sale", "failure") == "sale"

    at_the_counter(story)


def test_the_own_pin_is_changed_from_the_menu(at_the_counter: Counter) -> None:
    async def story(clerk: SimClerk) -> None:
        await clerk.log_in()
        await clerk.from_menu("Change PIN")
        await clerk.answer("pin.old", clerk.me.pin)
        await clerk.answer("pin.new", "1234")
        await clerk.answer("pin.again", "1234")
        await clerk.wait("pin.failed")  # trivial
        clerk.press("enter")
        await clerk.answer("pin.new", "830517")
        await clerk.answer("pin.again", "830518")
        await clerk.wait("pin.failed")  # differ
        clerk.press("enter")
        await clerk.answer("pin.new", "830517")
        await clerk.answer("pin.again", "830517")
        await clerk.wait("home")
        await clerk.from_menu("Log out")
        await clerk.answer("login.number", clerk.me.number)
        await clerk.answer("login.pin", "830517")
        await clerk.wait("home")

    at_the_counter(story)


def test_a_card_taken_out_while_locked_is_not_waited_for(at_the_counter: Counter) -> None:
    async def story(clerk: SimClerk) -> None:
        await clerk.log_in()
        await clerk.ask_for(clerk.site.shop.sale("visa-older"), 100)
        await clerk.approve()
        await clerk.wait("card.present")
        clerk.insert("visa")
        await clerk.wait("card.remove")
        await clerk.wait("lock.pin", seconds=16 * 60)
        clerk.take_away()
        await clerk.wait("lock.pin")
        clerk.press(clerk.me.pin, "enter")
        await clerk.wait("result")

    at_the_counter(story)


def test_a_card_shown_while_locked_is_read_after_it(at_the_counter: Counter) -> None:
    async def story(clerk: SimClerk) -> None:
        await clerk.log_in()
        await clerk.ask_for(clerk.site.shop.sale("visa-older"), 100)
        await clerk.approve()
        await clerk.wait("card.present")
        await clerk.wait("lock.pin", seconds=16 * 60)
        clerk.insert("visa")
        clerk.press(clerk.me.pin, "enter")
        await clerk.wait("card.remove")
        clerk.take_away()
        await clerk.wait("result")

    at_the_counter(story)


def test_a_supervisor_frees_a_terminal_whose_clerk_has_gone(at_the_counter: Counter) -> None:
    async def story(clerk: SimClerk) -> None:
        await clerk.log_in()
        await clerk.ask_for(clerk.site.shop.sale("visa-older"), 100)
        await clerk.approve()
        await clerk.wait("card.present")
        await clerk.wait("lock.pin", seconds=16 * 60)
        clerk.press("cancel")
        await clerk.wait("lock.number")
        clerk.press("cancel")
        await clerk.wait("lock.pin")
        clerk.press("cancel")
        other = clerk.site.shop.person(Role.CLERK, 1)
        await clerk.answer("lock.number", other.number)
        await clerk.answer("lock.supervisor", other.pin)
        await clerk.wait("lock.failed")
        clerk.press("enter")
        await clerk.wait("lock.pin")
        clerk.press("cancel")
        boss = clerk.site.shop.person(Role.SUPERVISOR)
        await clerk.answer("lock.number", boss.number)
        await clerk.answer("lock.supervisor", boss.pin)
        await clerk.wait("login.number")
        application = clerk.site.ledger.applications.by_number(1)
        assert application is not None
        assert application.state == "cancelled"
        await clerk.log_in(1)

    at_the_counter(story)


def test_a_wrong_old_pin_ends_the_change_and_counts_once(at_the_counter: Counter) -> None:
    async def story(clerk: SimClerk) -> None:
        await clerk.log_in()
        await clerk.from_menu("Change PIN")
        new = "739154" if clerk.me.pin != "739154" else "915473"
        await clerk.answer("pin.old", "739" + clerk.me.pin)
        await clerk.answer("pin.new", new)
        await clerk.answer("pin.again", new)
        await clerk.wait("failure")
        assert "Wrong number or PIN, 5 left" in clerk.site.terminal.screen.text
        clerk.press("enter")
        await clerk.wait("home")
        await clerk.from_menu("Log out")
        await clerk.log_in()

    at_the_counter(story)


def test_slips_that_came_out_while_locked_are_said_to_be_printed(at_the_counter: Counter) -> None:
    async def story(clerk: SimClerk) -> None:
        await clerk.log_in()
        clerk.site.parts.printer.printer.change(paper_out=True)
        await clerk.give_back(clerk.site.shop.sale("visa-older"), 100)
        await clerk.wait("result")
        assert "Paper out" in clerk.site.terminal.screen.text
        await clerk.wait("lock.pin", seconds=16 * 60)
        clerk.site.parts.printer.printer.change(paper_out=False)
        await clerk.site.until(
            lambda: len(clerk.site.ledger.slips.in_state(JobState.READY, JobState.SENDING)) == 0,
            60,
            "slips",
        )
        clerk.press(clerk.me.pin, "enter")
        await clerk.wait("result")
        assert "Slips printed" in clerk.site.terminal.screen.text

    at_the_counter(story)
