"""Asked is only about a slip to which something happened, and what that was is said (R42)."""

from __future__ import annotations

from hw_sim.proofs.simulation.clerk import SimClerk
from worlds.counter import at_the_counter

from pos_terminal.ports import JobState, Upset


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
    clerk.site.parts.printer.confirms = False
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
async def test_a_slip_printed_again_is_judged_like_any_other(clerk: SimClerk) -> None:
    printer = clerk.site.parts.printer
    printer.printer.after(5, printer.unplug)
    await refunded(clerk)
    printer.confirms = False
    printer.plug()
    await clerk.wait_text("The slip may be incomplete")
    await clerk.go("enter", to="print.unsure")
    clerk.press("down", "enter")
    await clerk.wait("home")
    await clerk.site.until(lambda: states(clerk) == [JobState.TAKEN] * 2, 60, "the slip")
    assert clerk.site.trace.count("print.unsure") == 1, "nothing is asked twice"


@at_the_counter()
async def test_a_crash_in_between_is_named(clerk: SimClerk) -> None:
    await clerk.log_in()
    clerk.site.parts.printer._rate = 50.0  # bytes a second
    await clerk.give_back(clerk.site.shop.sale("visa-older"), 100)
    clerk.site.terminal.kill()
    await clerk.site.revive()
    await clerk.wait_for_life()
    await clerk.log_in()
    await clerk.wait("print.unsure")
    assert "The terminal stopped meanwhile" in clerk.text
    (job,) = clerk.site.ledger.slips.in_state(JobState.UNKNOWN)
    assert job.upset is Upset.CRASH
