"""A story, killed at one moment, and what becomes of it with the next process."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from hw_sim.proofs.simulation.clerk import SimClerk
from hw_sim.proofs.simulation.invariants import left_to_people, violations
from hw_sim.proofs.simulation.outlives import outlives
from hw_sim.proofs.simulation.rest import come_to_rest
from hw_sim.proofs.simulation.shop import scratch
from hw_sim.proofs.simulation.site import Setting, Site, run_site
from hw_sim.proofs.simulation.stories import Story
from pos_terminal.core.refund import HOLDING, Refund
from pos_terminal.services.ledger.tidy import QUIET_SECONDS

TELLINGS: Final = 2
"""How often the clerk begins again at most: a void that was taken back is made anew."""


@dataclass(frozen=True, slots=True)
class Ending:
    """How a story ended: what does not hold, and what was there to be checked."""

    moment: str
    """The last moment that the killed process passed."""
    found: list[str]
    """States of the refunds on the disk of the killed process."""
    problems: list[str]
    kills: int
    refunds: list[Refund]
    paid: int
    """At the acquirer, to the story's sale."""
    sent: list[str]
    """Money messages that reached the acquirer, in order."""
    drawer: int


@dataclass(frozen=True, slots=True)
class Telling:
    """A story told once without a kill."""

    moments: list[str]
    """Every moment that it passes."""
    same: list[int]
    """By moment: the first one at which a kill would have left the same (``outlives``)."""

    @property
    def apart(self) -> list[int]:
        """The moments that no earlier one stands for."""
        return sorted(set(self.same))


def telling(story: Story, setting: Setting) -> Telling:
    """Tell it, and look at each moment at what a kill would leave."""

    async def tell(site: Site) -> Telling:
        terminal, clerk = site.start(), SimClerk(site)
        left: list[str] = []
        terminal.moments.watch = lambda: left.append(outlives(site, clerk))
        _misbehave(site, story)
        await _whole(site, story, clerk)
        return Telling(list(terminal.moments.passed), [left.index(one) for one in left])

    return run_site(tell, setting)


def moments_of(story: Story, setting: Setting) -> list[str]:
    """Every moment that the story passes without a kill."""
    return telling(story, setting).moments


def killed_at(story: Story, setting: Setting, place: int) -> Ending:
    """The story killed at its moment number ``place``, started again and taken to its end.

    The clerk looks at the sale then, and begins anew where nothing was given back.
    """

    async def tell(site: Site) -> Ending:
        terminal = site.start(plan=place)
        _misbehave(site, story)
        clerk = SimClerk(site)
        await site.unless_killed(_whole(site, story, clerk))
        moment = terminal.moments.passed[-1]
        found: list[str] = []
        if terminal.dead:
            clerk.take_away()
            found = _on_disk(terminal.image / "ledger.db")
            await site.revive()
            await come_to_rest(site, clerk)
        site.acquirer.set_mode("normal")
        await tell_until_done(site, story, clerk)
        return ending(site, story, clerk, moment, found)

    return run_site(tell, setting)


async def tell_until_done(site: Site, story: Story, clerk: SimClerk) -> None:
    """The clerk looks at the sale, and begins again where nothing was given back."""
    for _ in range(TELLINGS):
        if not _done(site, story, clerk):
            await story.tell(clerk)
            await come_to_rest(site, clerk)


async def _whole(site: Site, story: Story, clerk: SimClerk) -> None:
    """The story, and the quiet after it, in which the ledger is tidied."""
    await story.tell(clerk)
    await asyncio.sleep(2 * QUIET_SECONDS)


def _misbehave(site: Site, story: Story) -> None:
    if story.fault is not None:
        site.acquirer.set_mode(story.fault, 1)


def _done(site: Site, story: Story, clerk: SimClerk) -> bool:
    """Whether money is back, or may be: then nobody begins again (勿重复退款). A story of several
    sales is gone on with."""
    if story.wrong is not None:
        return not story.wrong(clerk)
    sale = site.ledger.sales.by_id(site.shop.sale(story.sale).sale_id)
    assert sale is not None  # it was imported
    return sale.done + sale.held > 0


def _on_disk(ledger: Path) -> list[str]:
    """States of the refunds, read from a copy: who opens a database changes its files."""
    copy = scratch("hw-sim-look-")
    try:
        for path in ledger.parent.glob(f"{ledger.name}*"):
            shutil.copy(path, copy)
        with closing(sqlite3.connect(copy / ledger.name)) as db:
            return [row[0] for row in db.execute("SELECT state FROM refunds ORDER BY refund_id")]
    finally:
        shutil.rmtree(copy)


def ending(site: Site, story: Story, clerk: SimClerk, moment: str, found: list[str]) -> Ending:
    """What there is to be checked, and what does not hold of it."""
    refunds = list(site.ledger.refunds.recent(100))
    sale = site.shop.sale(story.sale)
    rrn = sale.numbers(sale.payments[story.leg]).rrn if story.leg else sale.rrn
    ledger = site.acquirer.ledger()
    paid = sum(row["given_back"] for row in ledger if row["kind"] == "sale" and row["rrn"] == rrn)
    log = [e for e in site.acquirer.log.entries() if e["direction"] == "in"]
    return Ending(
        moment=moment,
        found=found,
        problems=[*violations(site), *_short(site, story, clerk, refunds, paid)],
        kills=site.kills,
        refunds=refunds,
        paid=paid,
        sent=[e["function"] for e in log if e["function"] in ("refund", "void", "reversal")],
        drawer=site.parts.drawer,
    )


def _short(
    site: Site, story: Story, clerk: SimClerk, refunds: list[Refund], paid: int
) -> Iterator[str]:
    """The customer has the money exactly once, or people have a case and the hold."""
    if story.wrong is not None:
        yield from story.wrong(clerk)
        return
    open_ones = [refund for refund in refunds if left_to_people(site, refund)]
    due = story.due(clerk)
    back = sum(refund.done for refund in refunds)
    held = sum(refund.amount for refund in refunds if refund.state in HOLDING)
    if back + held != due:
        yield f"{back} given back and {held} held of {due}"
    if not open_ones and story.by_card and paid != due:
        yield f"the acquirer paid {paid} of {due}"
