"""The countdown while what is owed goes first (issue 7, 12)."""

from __future__ import annotations

import pytest
from hw_sim.proofs.simulation.clerk import SimClerk
from worlds.counter import logged_in

from pos_terminal.core.people import Role


@logged_in()
async def test_the_clerk_sees_the_seconds_and_then_the_new_message_goes(clerk: SimClerk) -> None:
    site = clerk.site
    site.acquirer.set_mode("swallow", on=["void", "reversal"])
    assert await clerk.give_back(site.shop.sale("visa-today")) == "result"
    await clerk.home()
    await clerk.to_card(site.shop.sale("visa-older"), 123)
    started = site.loop.time()
    clerk.tap("visa")
    await clerk.wait("owed.wait")
    await clerk.wait_text("At most")
    await clerk.wait_text("20 s")
    await clerk.wait_text(" 7 s")
    assert 12 <= site.loop.time() - started <= 14
    clerk.take_away()
    assert await clerk.wait("result") == "result"
    assert site.loop.time() - started <= 22
    refund, void = site.ledger.refunds.recent(2)
    assert (refund.state, void.state) == ("accepted", "reversing")


@logged_in()
async def test_cancel_works_meanwhile(clerk: SimClerk) -> None:
    site = clerk.site
    site.acquirer.set_mode("swallow", on=["void", "reversal"])
    assert await clerk.give_back(site.shop.sale("visa-today")) == "result"
    await clerk.home()
    await clerk.to_card(site.shop.sale("visa-older"), 123)
    clerk.tap("visa")
    await clerk.at("owed.wait: cancel")
    clerk.take_away()
    await clerk.home()
    assert [one.kind for one in site.ledger.refunds.recent(9)] == ["void"]


@logged_in()
async def test_behind_an_outcome_that_is_read_slowly_the_background_goes_on(
    clerk: SimClerk,
) -> None:
    """The sale is over: what it left open is not kept waiting by its result."""
    site = clerk.site
    site.acquirer.set_mode("swallow", on=["void", "reversal"])
    assert await clerk.give_back(site.shop.sale("visa-today")) == "result"
    site.acquirer.set_mode("normal")
    await site.until(lambda: not site.ledger.refunds.open_ones(), 600, "reversal")
    assert clerk.prompt == "result"


def reversals(clerk: SimClerk) -> int:
    """0400s that the acquirer has seen."""
    entries = clerk.site.acquirer.log.entries()
    return sum(one.get("mti") == "0400" for one in entries)


async def under_way(clerk: SimClerk) -> None:
    """A technician is at the menu, and a reversal has just left behind the screen."""
    site = clerk.site
    site.acquirer.set_mode("swallow", on=["void", "reversal"])
    assert await clerk.give_back(site.shop.sale("visa-today")) == "result"
    await clerk.home()
    await clerk.at(": menu", "menu: 5 1")
    tech = site.shop.person(Role.TECHNICIAN)
    await clerk.at(f"login.number: {tech.number} enter", f"login.pin: {tech.pin} enter", "menu")
    before = reversals(clerk)
    await site.until(lambda: reversals(clerk) > before, 900, "another try of the reversal")


@pytest.mark.parametrize(("way", "said"), [("7 1", "Signed on"), ("7 2", "answered in")])
@logged_in()
async def test_the_technicians_line_test_counts_down_too(
    clerk: SimClerk, way: str, said: str
) -> None:
    await under_way(clerk)
    started = clerk.site.loop.time()
    await clerk.at(f"menu: {way}", "owed.wait")
    await clerk.wait_text("Open ones go first")
    await clerk.wait_text("20 s")
    await clerk.wait_text(" 7 s")
    assert 12 <= clerk.site.loop.time() - started <= 14
    await clerk.wait("line.done")
    assert said in clerk.text
    assert clerk.site.loop.time() - started <= 22


@logged_in()
async def test_the_technician_may_give_the_line_test_up(clerk: SimClerk) -> None:
    await under_way(clerk)
    await clerk.at("menu: 7 2", "owed.wait: cancel", "menu")
    await clerk.at("menu: 7 2", "owed.wait", "line.done")
    assert "answered in" in clerk.text


@logged_in()
async def test_a_sign_on_that_was_given_up_goes_to_its_end(clerk: SimClerk) -> None:
    """Half of one would leave the acquirer with other keys than ours."""
    clerk.site.acquirer.set_mode("delay:5", on=["sign-on"])
    await clerk.at(": menu", "menu: 5 1")
    tech = clerk.site.shop.person(Role.TECHNICIAN)
    await clerk.at(f"login.number: {tech.number} enter", f"login.pin: {tech.pin} enter")
    await clerk.at("menu: 7 1", "line.wait: cancel", "menu: 7 2", "line.done: enter", "menu: 5 1")
    clerk.site.acquirer.set_mode("normal")
    await clerk.log_in()
    assert await clerk.give_back(clerk.site.shop.sale("visa-older"), 123) == "result"
    assert clerk.site.ledger.refunds.recent(1)[0].state == "accepted"
