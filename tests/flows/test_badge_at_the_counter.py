"""A supervisor's badge wherever a number is asked for, and what a wrong PIN comes to (R25, R86)."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from hw_sim.bench.people import Staff, new_badge
from hw_sim.proofs.simulation.clerk import SimClerk
from worlds.counter import at_the_counter, logged_in

from pos_terminal.core.people import Role
from pos_terminal.services.security.people_db import PEOPLE_FILE


def boss_of(clerk: SimClerk, place: int = 0) -> Staff:
    return clerk.site.shop.person(Role.SUPERVISOR, place)


def journal(clerk: SimClerk) -> str:
    """All that the ledger keeps, as text."""
    ledger = clerk.site.terminal.ledger
    assert ledger is not None
    return "\n".join(ledger.db.iterdump())


@logged_in()
async def test_a_scanned_badge_goes_on_to_the_pin_and_approves(clerk: SimClerk) -> None:
    """Seven keys of the supervisor: a scan, six digits, Enter."""
    await clerk.ask_for(clerk.site.shop.sale("visa-older"), 100)
    boss = boss_of(clerk)
    clerk.scan(boss.badge)
    await clerk.wait("supervisor.pin")
    assert boss.number not in clerk.text
    assert boss.badge not in clerk.text
    clerk.press(boss.pin, "enter")
    await clerk.wait("card.present")
    (approval,) = clerk.site.ledger.applications.approvals(1)
    assert (approval.supervisor, approval.name) == (boss.number, boss.name)


@logged_in()
async def test_a_badge_alone_approves_nothing(clerk: SimClerk) -> None:
    await clerk.ask_for(clerk.site.shop.sale("visa-older"), 100)
    for _ in range(2):
        clerk.scan(boss_of(clerk).badge)
        await clerk.wait("supervisor.pin")
        clerk.press("enter")
        await clerk.wait_text("at least 4")
    clerk.press("cancel", "cancel")
    await clerk.wait("home")
    assert clerk.site.ledger.applications.approvals(1) == []


@logged_in()
async def test_another_code_is_said_to_be_no_badge(clerk: SimClerk) -> None:
    sale = clerk.site.shop.sale("visa-older")
    await clerk.ask_for(sale, 100)
    clerk.scan(sale.receipt_no)
    await clerk.wait_text("Not a badge")
    await clerk.approve_by_badge()
    await clerk.wait("card.present")


@logged_in()
async def test_an_unknown_badge_asks_for_the_pin_and_reads_like_a_wrong_one(
    clerk: SimClerk,
) -> None:
    await clerk.ask_for(clerk.site.shop.sale("visa-older"), 100)
    said = []
    for badge in (boss_of(clerk).badge, new_badge()):
        clerk.scan(badge)
        await clerk.at("supervisor.pin: 7391 enter", "supervisor.number")
        said.append(clerk.text)
    assert "Wrong number, badge or PIN, 5 left" in said[0]
    assert said[1] == said[0].replace("5 left", "4 left"), "the clerk's own tries, whoever's badge"


@at_the_counter()
async def test_a_badge_logs_in_and_frees_a_terminal_with_its_pin(clerk: SimClerk) -> None:
    boss = boss_of(clerk)
    await clerk.wait("login.number")
    clerk.scan(boss.badge)
    await clerk.at(f"login.pin: {boss.pin} enter", "home")
    await clerk.wait("lock.pin", seconds=16 * 60)
    other = boss_of(clerk, 1)
    await clerk.at(": cancel", "lock.number")
    clerk.scan(other.badge)
    await clerk.at(f"lock.supervisor: {other.pin} enter", "login.number")


@logged_in()
async def test_nobody_approves_their_own_refund_by_badge(clerk: SimClerk) -> None:
    boss = boss_of(clerk)
    await clerk.from_menu("Log out")
    await clerk.wait("login.number")
    clerk.scan(boss.badge)
    await clerk.at(f"login.pin: {boss.pin} enter", "home")
    await clerk.ask_for(clerk.site.shop.sale("visa-older"), 100)
    await clerk.approve_by_badge()
    await clerk.wait_text("Nobody approves their own")
    assert clerk.site.ledger.applications.approvals(1) == []


@logged_in()
async def test_a_badge_where_a_receipt_or_a_note_is_asked_for_is_kept_nowhere(
    clerk: SimClerk,
) -> None:
    code = boss_of(clerk).badge
    clerk.scan(code)
    await clerk.wait("failure")
    assert "A badge: scan a receipt" in clerk.text
    assert code[6:] not in clerk.text
    await clerk.go("enter", to="home")
    clerk.scan(code.lower())
    await clerk.wait("failure")
    await clerk.go("enter", to="home")
    await clerk.from_menu("Find by reference")
    await clerk.wait("find.rrn")
    clerk.scan(code)
    await clerk.at("failure: enter", "home")
    clerk.scan(f"R-1{code}")  # the Enter between two scans was lost
    await clerk.at("failure: enter", "home")
    assert code[6:] not in journal(clerk).upper()


@logged_in()
async def test_six_wrong_pins_at_the_supervisors_prompt_log_the_clerk_out_locked(
    clerk: SimClerk,
) -> None:
    await clerk.ask_for(clerk.site.shop.sale("visa-older"), 100)
    for place in range(6):
        await clerk.approve(place % 2, pin="7391")
    await clerk.at("supervisor.locked")
    assert "You are locked for 30 minutes" in clerk.text
    me = clerk.me
    await clerk.at("supervisor.locked: enter", "login.number")
    assert clerk.site.application(1).state == "cancelled"
    clerk.press(me.number, "enter", me.pin, "enter")
    await clerk.at("login.failed")
    assert "Locked for 30 minutes" in clerk.text
    await clerk.go("enter", to="login.number")
    await clerk.log_in(1)
    await clerk.from_menu("Unlock a person")
    await clerk.at("unlock.person: 1")
    await clerk.approve()
    await clerk.approve(1)
    await clerk.at("unlock.done: enter", "home")
    await clerk.from_menu("Log out")
    await clerk.at(f"login.number: {me.number} enter", f"login.pin: {me.pin} enter", "login.news")
    assert "6 wrong PINs count for you" in clerk.text, "nobody has tried the clerk's own"


@logged_in()
async def test_at_the_lock_a_wrong_pin_of_a_supervisor_counts_for_that_number_alone(
    clerk: SimClerk,
) -> None:
    """Whoever passes by can lock neither the clerk nor, with the clerk, the terminal."""
    boss = boss_of(clerk)
    await clerk.wait("lock.pin", seconds=16 * 60)
    for _ in range(6):
        await clerk.at("lock.pin: cancel", f"lock.number: {boss.number} enter")
        await clerk.at("lock.supervisor: 7391 enter", "lock.failed")
        await clerk.at(": enter", "lock.pin")
    await clerk.at("lock.pin: cancel", f"lock.number: {boss.number} enter")
    await clerk.at(f"lock.supervisor: {boss.pin} enter", "lock.failed")
    assert "Locked for 30 minutes" in clerk.text
    await clerk.at(": enter", f"lock.pin: {clerk.me.pin} enter", "home")


async def lock_out(clerk: SimClerk) -> Staff:
    """The first clerk, at the log-in."""
    me = clerk.site.shop.person(Role.CLERK)
    for _ in range(6):
        await clerk.at(f"login.number: {me.number} enter", "login.pin: 7391 enter")
        await clerk.at("login.failed: enter")
    return me


@pytest.mark.parametrize("second", [(Role.SUPERVISOR, 1), (Role.TECHNICIAN, 0)])
@at_the_counter()
async def test_two_others_unlock_at_the_keypad_and_the_person_is_told(
    clerk: SimClerk, second: tuple[Role, int]
) -> None:
    me = await lock_out(clerk)
    await clerk.log_in(1)
    await clerk.from_menu("Unlock a person")
    await clerk.wait("unlock.person")
    assert f"{me.number} {me.name}" in clerk.text
    clerk.press("1")
    await clerk.approve_by_badge()
    other = clerk.site.shop.person(*second)
    boss = boss_of(clerk)
    await clerk.at(f"supervisor.number: {boss.number} enter", f"supervisor.pin: {boss.pin} enter")
    await clerk.wait_text("Another supervisor")
    clerk.scan(boss.badge)  # nor by what does not say whose it is before the PIN
    await clerk.at(f"supervisor.pin: {boss.pin} enter", "supervisor.number")
    assert "Another supervisor" in clerk.text
    await clerk.at(f"supervisor.number: {other.number} enter", f"supervisor.pin: {other.pin} enter")
    await clerk.at("unlock.done: enter", "home")
    await clerk.from_menu("Log out")
    await clerk.at(f"login.number: {me.number} enter", f"login.pin: {me.pin} enter", "login.news")
    clerk.site.terminal.kill()  # before it was read
    await clerk.site.revive()
    await clerk.wait_for_life()
    await clerk.at(f"login.number: {me.number} enter", f"login.pin: {me.pin} enter", "login.news")
    assert "6 wrong PINs" in clerk.text
    assert f"{boss.number} {other.number}" in clerk.text
    await clerk.at("login.news: enter", "home")
    await clerk.from_menu("Log out")
    await clerk.at(f"login.number: {me.number} enter", f"login.pin: {me.pin} enter", "home")
    assert "person_unlocked" in journal(clerk)


def made_technician(clerk: SimClerk, place: int) -> Staff:
    """This supervisor from now on: the shop has one technician alone."""
    boss = boss_of(clerk, place)
    file = Path(clerk.site.terminal.config.terminal.data_dir) / PEOPLE_FILE
    with closing(sqlite3.connect(file)) as db, db:
        db.execute("UPDATE people SET role = 'technician' WHERE number = ?", (boss.number,))
    return boss


@at_the_counter()
async def test_two_technicians_or_the_locked_one_unlock_nobody(clerk: SimClerk) -> None:
    await lock_out(clerk)
    await clerk.log_in(1)
    await clerk.from_menu("Unlock a person")
    tech = clerk.site.shop.person(Role.TECHNICIAN)
    await clerk.at("unlock.person: 1")
    await clerk.at(f"supervisor.number: {tech.number} enter", f"supervisor.pin: {tech.pin} enter")
    await clerk.at(f"supervisor.number: {tech.number} enter", f"supervisor.pin: {tech.pin} enter")
    await clerk.wait_text("Another supervisor")
    second = made_technician(clerk, 1)
    await clerk.at(f"supervisor.number: {second.number} enter")
    await clerk.at(f"supervisor.pin: {second.pin} enter")
    await clerk.wait_text("Not a supervisor")
    me = clerk.site.shop.person(Role.CLERK)
    await clerk.at(f"supervisor.number: {me.number} enter", f"supervisor.pin: {me.pin} enter")
    await clerk.wait("supervisor.number")
    await clerk.at("supervisor.number: cancel", "home")
    assert "person_unlocked" not in journal(clerk)


@logged_in()
async def test_where_nobody_is_locked_it_says_so(clerk: SimClerk) -> None:
    await clerk.from_menu("Unlock a person")
    await clerk.wait("unlock.none")
    assert "Nobody is locked" in clerk.text
    await clerk.go("enter", to="home")
