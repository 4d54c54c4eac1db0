"""The countdown while what is owed goes first (issue 7, 12)."""

from __future__ import annotations

from hw_sim.proofs.simulation.clerk import SimClerk
from worlds.counter import logged_in


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
