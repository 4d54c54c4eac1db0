"""Asked is only about a slip to which something happened, and what that was is said (R42)."""

from __future__ import annotations

import asyncio
import json

import pytest
from hw_sim.printer.models import MODELS
from hw_sim.proofs.simulation.clerk import SimClerk
from hw_sim.proofs.simulation.site import Setting
from worlds.counter import at_the_counter, tell

from pos_terminal.core.people import Role
from pos_terminal.ports import JobState, Upset
from pos_terminal.texts import Language


async def refunded(clerk: SimClerk) -> None:
    """Up to the outcome on the screen."""
    await clerk.log_in()
    await clerk.give_back(clerk.site.shop.sale("visa-older"), 123)


def states(clerk: SimClerk) -> list[JobState]:
    return [job.state for job in clerk.site.ledger.slips.of_refund(1)]


@at_the_counter()
async def test_a_printer_that_cannot_confirm_asks_nothing_and_nothing_is_called_printed(
    clerk: SimClerk,
) -> None:
    clerk.site.parts.printer.become(MODELS["no-end"])
    await refunded(clerk)
    assert clerk.prompt == "result"
    assert "Slips sent to the printer" in clerk.text
    assert "printed" not in clerk.text.lower()
    assert states(clerk) == [JobState.TAKEN] * 2
    await clerk.go("enter", to="home")
    await clerk.from_menu("Reprint")
    await clerk.at("reprint.refund: 1", "reprint.done: enter", "home")
    await clerk.site.until(lambda: states(clerk) == [JobState.TAKEN] * 3, 60, "the reprint")
    assert "print.unsure" not in clerk.site.trace
    assert len(clerk.papers) == 3


@at_the_counter()
async def test_an_upset_is_asked_about_once_with_its_cause_and_enter_prints_nothing(
    clerk: SimClerk,
) -> None:
    printer = clerk.site.parts.printer
    printer.printer.after(5, printer.unplug)
    await refunded(clerk)
    printer.plug()
    await clerk.wait_text("The slip may be incomplete")
    await clerk.go("enter", to="print.unsure")
    assert "The printer was unplugged meanwhile" in clerk.text
    assert ">1" not in clerk.text.replace(" ", "")
    papers = len(clerk.papers)
    clerk.press("enter", "enter")
    await clerk.site.until(lambda: clerk.prompt == "print.unsure", 10, "the same question")
    assert states(clerk)[0] is JobState.UNKNOWN
    clerk.press("2")
    await clerk.wait("home")
    assert states(clerk) == [JobState.DROPPED, JobState.CONFIRMED]
    assert len(clerk.papers) == papers


@at_the_counter()
async def test_who_scans_from_outcome_to_outcome_is_asked_before_the_next_sale(
    clerk: SimClerk,
) -> None:
    printer = clerk.site.parts.printer
    printer.printer.after(5, printer.unplug)
    await refunded(clerk)
    printer.plug()
    await clerk.wait_text("The slip may be incomplete")
    clerk.scan(clerk.site.shop.sale("mastercard-older").receipt_no)
    await clerk.at("print.unsure: 2", "sale")
    assert clerk.site.shop.sale("mastercard-older").trace in clerk.text


@at_the_counter()
async def test_a_slip_printed_again_is_judged_like_any_other(clerk: SimClerk) -> None:
    printer = clerk.site.parts.printer
    printer.printer.after(5, printer.unplug)
    await refunded(clerk)
    printer.become(MODELS["no-end"])
    await clerk.wait_text("The slip may be incomplete")
    await clerk.go("enter", to="print.unsure")
    clerk.press("down", "enter")
    await clerk.wait("home")
    await clerk.site.until(lambda: states(clerk) == [JobState.TAKEN] * 2, 60, "the slip")
    assert clerk.site.trace.count("print.unsure") == 1, "nothing is asked twice"


@at_the_counter()
async def test_a_crash_in_between_is_named(clerk: SimClerk) -> None:
    await clerk.log_in()
    clerk.site.parts.printer.rate = 50.0  # bytes a second
    await clerk.give_back(clerk.site.shop.sale("visa-older"), 100)
    clerk.site.terminal.kill()
    await clerk.site.revive()
    await clerk.wait_for_life()
    await clerk.log_in()
    await clerk.wait("print.unsure")
    assert "The terminal stopped meanwhile" in clerk.text
    (job,) = clerk.site.ledger.slips.in_state(JobState.UNKNOWN)
    assert job.upset is Upset.CRASH


@at_the_counter()
async def test_a_printer_that_says_offline_prints_when_a_supervisor_answers_for_it(
    clerk: SimClerk,
) -> None:
    printer = clerk.site.parts.printer
    await clerk.log_in()
    printer.change(claims_offline=True)
    await asyncio.sleep(1)
    await clerk.find(clerk.site.shop.sale("visa-older"))
    assert "Printer is offline" in clerk.text
    await clerk.home()
    await clerk.give_back(clerk.site.shop.sale("visa-older"), 123)
    assert "Printer is offline" in clerk.text
    await clerk.go("enter", to="home")
    assert "2 slips wait (MENU 2 2)" in clerk.text
    assert states(clerk) == [JobState.READY] * 2
    await clerk.at(": menu", "menu: 2", "menu.print: 2", "supervisor.number")
    assert "Printer is offline" in clerk.text
    await clerk.approve()
    await clerk.at("print.anyway: enter", "home")
    await clerk.site.until(lambda: states(clerk) == [JobState.CONFIRMED] * 2, 60, "the slips")
    assert "offline" not in clerk.text
    facts = clerk.site.ledger.db.execute(
        "SELECT facts FROM audit WHERE kind = 'print_anyway'"
    ).fetchall()
    supervisor = clerk.site.shop.person(Role.SUPERVISOR, 0).number
    assert [json.loads(row["facts"]) for row in facts] == [
        {"operator": clerk.me.number, "supervisor": supervisor, "said": "printer.offline"}
    ]
    await clerk.from_menu("Reprint")
    await clerk.at("reprint.refund: 1", "reprint.done: enter", "home")
    await clerk.site.until(lambda: len(clerk.papers) == 3, 60, "the next slip, of itself")
    printer.unplug()
    printer.plug()
    await clerk.from_menu("Reprint")
    await clerk.at("reprint.refund: 1", "reprint.done: enter", "home")
    await clerk.site.until(lambda: "1 slips wait" in clerk.text, 60, "the reminder")
    assert len(clerk.papers) == 3, "another printer may be there now"
    assert "print.unsure" not in clerk.site.trace


@at_the_counter()
async def test_paper_and_cover_are_mended_and_nobody_can_answer_for_them(clerk: SimClerk) -> None:
    clerk.site.parts.printer.change(paper_out=True)
    await clerk.log_in()
    await clerk.go("menu", to="menu")
    await clerk.go("2", to="menu.print")
    assert "Print anyway" not in clerk.text
    clerk.press("2")
    await clerk.wait_text("Nothing waits there")


@pytest.mark.parametrize("model", ["full", "real-time", "automatic"])
def test_paper_near_its_end_is_said_before_a_refund_begins(model: str) -> None:
    """R43: also where it came with the last slip, and the printer tells nothing by itself."""

    async def story(clerk: SimClerk) -> None:
        printer = clerk.site.parts.printer
        printer.become(MODELS[model])
        await clerk.log_in()
        await asyncio.sleep(10)
        printer.printer.after(60, lambda: printer.change(near_end=True))
        await clerk.give_back(clerk.site.shop.sale("visa-older"), 123)
        await clerk.home()
        await asyncio.sleep(20)
        await clerk.find(clerk.site.shop.sale("mastercard-older"))
        assert "Paper is nearly out" in clerk.text
        assert clerk.prompt == "sale"

    tell(story, Setting(language=Language.EN))
