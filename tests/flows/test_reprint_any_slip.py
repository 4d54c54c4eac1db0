"""Every slip can be printed again, however many came after it, refusals' too (R41)."""

from __future__ import annotations

import pytest
from hw_sim.proofs.simulation.clerk import SimClerk
from worlds.counter import at_the_counter, logged_in

from pos_terminal.flows.paper import reprint


async def refusals(clerk: SimClerk, number: int) -> None:
    """So many refused applications, each with its slips."""
    for _ in range(number):
        await clerk.find(clerk.site.shop.sale("beyond-window"))
        await clerk.at(": enter", "refund.amount: enter", "refund.reason: 4")
        await clerk.accept()


async def to_the_list(clerk: SimClerk) -> str:
    await clerk.from_menu("Reprint")
    await clerk.wait("reprint.refund")
    return str(clerk.text)


async def reprinted(clerk: SimClerk) -> int:
    """Which job was printed again."""
    await clerk.wait("reprint.done")
    row = clerk.site.ledger.db.execute("SELECT original FROM print_jobs ORDER BY job_id DESC")
    return int(row.fetchone()["original"])


@at_the_counter()
async def test_older_slips_follow_the_newest(
    clerk: SimClerk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reprint, "MOST_LISTED", 4)
    await clerk.log_in()
    await refusals(clerk, 3)
    slips = clerk.site.ledger.slips.before(None, 99)
    assert len(slips) == 6
    assert "#3" in await to_the_list(clerk)
    clerk.choose("Older slips")
    await clerk.wait_text("#1 ")
    assert "Older" not in clerk.text, "there is nothing older"
    clerk.press("2")
    assert await reprinted(clerk) == slips[-1].job_id


@logged_in()
async def test_the_application_number_leads_to_its_slips(clerk: SimClerk) -> None:
    await refusals(clerk, 2)
    await to_the_list(clerk)
    await clerk.at(": menu", "reprint.application: 1 enter", "reprint.slip: 1")
    assert await reprinted(clerk) == clerk.site.ledger.slips.of_application(1)[0].job_id


@logged_in()
async def test_a_refunds_number_leads_to_both_of_its_copies(clerk: SimClerk) -> None:
    await clerk.give_back(clerk.site.shop.sale("visa-older"), 100)
    await clerk.accept()
    assert clerk.site.ledger.slips.of_application(1) == clerk.site.ledger.slips.of_refund(1)
    await to_the_list(clerk)
    await clerk.at(": menu", "reprint.application: 1 enter", "reprint.slip: 2")
    assert await reprinted(clerk) == clerk.site.ledger.slips.of_refund(1)[1].job_id
    await clerk.go("enter", to="home")
    assert len(clerk.site.ledger.slips.of_application(1)) == 2, "copies are no originals"


@logged_in()
async def test_a_number_without_slips_is_told(clerk: SimClerk) -> None:
    await refusals(clerk, 1)
    await to_the_list(clerk)
    await clerk.at(": menu", "reprint.application: 77 enter", "failure")
    assert "No slip of application 77" in clerk.text
