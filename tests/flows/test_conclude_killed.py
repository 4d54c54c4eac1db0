"""The power goes while people conclude an unknown outcome: it is concluded, or still unknown."""

from __future__ import annotations

from hw_sim.proofs.simulation.clerk import SimClerk
from hw_sim.proofs.simulation.invariants import violations
from hw_sim.proofs.simulation.rest import come_to_rest
from hw_sim.proofs.simulation.site import Setting, Site, run_site
from worlds.counter import a_refund

from pos_terminal.core.refund import Refund, State

NEVER = Setting(repeat="never")
REFERENCE = "20261120017"
MANY = 40


async def _to_the_last_key(clerk: SimClerk) -> None:
    await clerk.at(
        ": menu", "menu: 3 1", "pending: 1", "unknown.facts: enter", "unknown.outcome: 1"
    )
    await clerk.at("unknown.amount: enter", f"unknown.reference: {REFERENCE} enter")
    await clerk.approve(0)
    await clerk.approve(1)
    await clerk.wait("unknown.confirm")


async def _conclude(clerk: SimClerk) -> None:
    """The last key, and the quiet after it, in which the slips print."""
    await clerk.go("enter", to="unknown.done")
    await come_to_rest(clerk.site, clerk)


def killed_after(moments: int) -> tuple[str, Refund, list[str]]:
    """Where it was killed ("" for nowhere), what the next process found, what does not hold
    once the people came back."""

    async def story(site: Site) -> tuple[str, Refund, list[str]]:
        first = site.start()
        clerk = SimClerk(site)
        await clerk.wait_for_life()
        await clerk.log_in()
        await a_refund(clerk, "drop-answer")
        await _to_the_last_key(clerk)
        first.moments.plan = moments
        await site.unless_killed(_conclude(clerk))
        where = first.moments.passed[-1] if first.dead else ""
        first.moments.plan = None
        if first.dead:
            await site.revive()
            await clerk.home()
        (found,) = site.ledger.refunds.recent(9)
        if found.state is State.UNKNOWN:
            await _to_the_last_key(clerk)
            await _conclude(clerk)
        await come_to_rest(site, clerk)
        (after,) = site.ledger.refunds.recent(9)
        assert (after.state, after.done) == (State.ACCEPTED, 123)
        (finding,) = site.ledger.findings.of_refund(after.refund_id)
        assert finding.reference == REFERENCE
        return where, found, violations(site)

    return run_site(story, NEVER)


def test_killed_at_every_moment_it_is_happened_once() -> None:
    killed: dict[str, State] = {}
    for moments in range(MANY):
        where, found, problems = killed_after(moments)
        assert problems == [], where
        if not where:
            break
        killed.setdefault(where, found.state)
    assert killed["conclude:before"] is State.UNKNOWN
    assert killed["conclude:after"] is State.ACCEPTED
    assert {"job_sending:after", "jobs_done:after"} <= set(killed)
    assert moments < MANY - 1
