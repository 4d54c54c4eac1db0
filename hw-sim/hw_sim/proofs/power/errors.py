"""A story on a disk that fails from its n-th statement on, and what becomes of it."""

from __future__ import annotations

import argparse
import sqlite3
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Final, cast

from hw_sim.arguments import whole
from hw_sim.proofs.power.failing import ERRORS, FailingConnection
from hw_sim.proofs.simulation.clerk import Lost, SimClerk
from hw_sim.proofs.simulation.counter_stories import COUNTER
from hw_sim.proofs.simulation.crash import Ending, ending, tell_until_done
from hw_sim.proofs.simulation.kills import setting_of
from hw_sim.proofs.simulation.rest import come_to_rest
from hw_sim.proofs.simulation.site import Site, run_site
from hw_sim.proofs.simulation.stories import (
    CASH,
    CREDIT,
    LOST_VOUCHER,
    REFUND,
    REFUND_UNANSWERED,
    VOID,
    VOID_UNANSWERED,
    Story,
)

_NEVER: Final = 1_000_000
_PASSING: Final = ("SQLITE_BUSY",)
"""Errors of a moment; the others stay until somebody mends the disk."""
STORIES: Final = (
    *(REFUND, VOID, CASH, CREDIT, LOST_VOUCHER, REFUND_UNANSWERED, VOID_UNANSWERED),
    *COUNTER,
)


def statements_of(story: Story) -> int:
    """How many statements the ledger's writer makes in the story, from the log-in on."""

    async def tell(site: Site) -> int:
        disk = await _start(site, _NEVER, ERRORS[0])
        _misbehave(site, story)
        await story.tell(SimClerk(site))
        return _NEVER - disk.left

    return run_site(tell, setting_of(story))


def failed_at(story: Story, nth: int, error: str) -> Ending:
    """The story on a disk whose statement number ``nth`` fails. Then the disk is mended, the
    terminal started again where it says so, and the clerk goes on as after a crash."""

    async def tell(site: Site) -> Ending:
        disk = await _start(site, nth, error)
        _misbehave(site, story)
        clerk = SimClerk(site)
        shown = await _try(site, story, clerk)
        disk.mend()
        clerk.take_away()
        if error not in _PASSING:
            # a disk that was full is not asked to be trusted, nor is one that failed
            site.terminal.kill()
            await site.revive()
        site.acquirer.set_mode("normal")
        await come_to_rest(site, clerk)
        await tell_until_done(site, story, clerk)
        return ending(site, story, clerk, f"{error} at statement {nth}: {shown}", [])

    return run_site(tell, setting_of(story))


async def _try(site: Site, story: Story, clerk: SimClerk) -> str:
    """What the clerk reads then."""
    with suppress(Lost, TimeoutError):
        await story.tell(clerk)
    return site.terminal.screen.text.replace("\n", " / ")


async def _start(site: Site, nth: int, error: str) -> FailingConnection:
    site.start()
    await SimClerk(site).wait("login.number")
    writer = site.ledger.writer
    disk = FailingConnection(writer.db, nth, error, lasting=error not in _PASSING)
    writer.db = cast(sqlite3.Connection, disk)
    return disk


def _misbehave(site: Site, story: Story) -> None:
    if story.fault is not None:
        site.acquirer.set_mode(story.fault, 1)


def sweep(every: int, first: int = 1) -> Iterator[tuple[Story, Ending]]:
    """Each story with each error at each ``every``-th statement from ``first`` on."""
    for story in STORIES:
        for nth in range(first, statements_of(story) + 1, every):
            for error in ERRORS:
                yield story, failed_at(story, nth, error)


def main(words: Sequence[str] | None = None) -> int:
    """``python -m hw_sim.power.errors``. Exit status 1 where something did not hold."""
    parser = argparse.ArgumentParser(prog="python -m hw_sim.power.errors", description=__doc__)
    parser.add_argument(
        "--every", type=whole(1), default=1, metavar="N", help="each n-th statement"
    )
    args = parser.parse_args(words)
    told: Counter[str] = Counter()
    failed = 0
    for story, found in sweep(args.every):
        told[story.name] += 1
        for problem in found.problems:
            failed += 1
            print(f"{story.name}, {found.moment}: {problem}", flush=True)
    print("\n".join(f"{count:>8}  {name}" for name, count in told.most_common()))
    print(f"failed: {failed}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
