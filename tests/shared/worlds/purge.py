"""Purges of a test's ledger, days later."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from hw_sim.virtual import run_virtual
from worlds.ledger import World

from pos_terminal.config import Retention
from pos_terminal.core.words import Words
from pos_terminal.ports import JobState
from pos_terminal.services.retention.purging import Purger

KEEP = Retention(sales_days=200, refunds_days=100, slips_days=50, audit_days=300, files_days=10)


def purger(
    world: World,
    doubt: Words | None = None,
    folder: Path | None = None,
    *,
    ntp: bool = True,
    keep: Retention = KEEP,
) -> Purger:
    folders = () if folder is None else (folder,)
    return Purger(
        world.store, keep, clock=world.clock, doubt=lambda: doubt, ntp=lambda: ntp, folders=folders
    )


def purge(world: World, *, ntp: bool = True, keep: Retention = KEEP) -> dict[str, int]:
    """What one run erased, by class; only those that had something."""
    done = run_virtual(lambda _: purger(world, ntp=ntp, keep=keep).once())
    return {name: count for name, count in done.items() if count}


def later(world: World, days: float) -> None:
    world.clock.moment += timedelta(days=days)


def next_batch(world: World) -> None:
    """Traces of the current one must not be forgotten."""
    world.do(world.store.counter.resequence(f"{int(world.store.counter.batch()) + 1:06d}"))


def printed(world: World) -> None:
    """Every slip that waited has come out."""
    for job in world.store.slips.in_state(JobState.READY):
        world.do(world.store.slips.sending(job.job_id))
        end = JobState.TAKEN if job.job_id % 2 else JobState.CONFIRMED
        world.do(world.store.slips.done({job.job_id: end}))
