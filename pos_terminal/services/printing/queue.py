"""The print queue: slips from the ledger to paper, one refund's copies at a time (R42).

A job's state is durable before its first byte leaves (READY to SENDING), and what was on its way
when the power went is UNKNOWN: only the clerk, who sees the paper, can say whether it is printed
again (whole and marked) or dropped. The money is never touched here.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import takewhile
from typing import Final, Protocol

from pos_terminal.core.words import Words, say
from pos_terminal.ports import Confirmation, JobState, Printer, PrinterLost, PrintJob, Runner

log = logging.getLogger(__name__)

FENCES: Final = 9999
"""Fence numbers 1 to 9999 are ours; 0 is left to the driver's own probe."""

Render = Callable[[PrintJob], bytes]
"""A job as the bytes of its slip, marks included."""


class Jobs(Protocol):
    """What the queue needs of ``ports.Ledger``."""

    def jobs(self, *states: JobState) -> Sequence[PrintJob]: ...
    def jobs_of(self, refund_id: int) -> Sequence[PrintJob]: ...
    async def queue_reprint(self, job_id: int, operator: str) -> PrintJob: ...
    async def job_sending(self, job_id: int) -> PrintJob: ...
    async def jobs_confirmed(self, job_ids: Sequence[int]) -> None: ...
    async def job_unknown(self, job_id: int) -> None: ...
    async def job_ready_again(self, job_id: int, operator: str) -> None: ...
    async def job_dropped(self, job_id: int, operator: str) -> None: ...


class Printed(StrEnum):
    """How far the slips of one refund are."""

    DONE = "done"
    ASK = "ask"
    """At least one was interrupted: the clerk looks at the paper and says."""
    WAITING = "waiting"
    """The printer isn't ready; they print by themselves when it is."""


@dataclass(frozen=True, slots=True)
class PrintOutcome:
    """What became of the slips of one refund. ``why`` is for the clerk where it isn't DONE."""

    printed: Printed
    unknown: tuple[PrintJob, ...] = ()
    waiting: tuple[PrintJob, ...] = ()
    why: Words | None = None


@dataclass(frozen=True, slots=True)
class Waiting:
    """What is still to be printed, and why it isn't."""

    ready: int
    unknown: int
    why: Words | None = None


class PrintQueue:
    """Runs as a background worker; woken by events, never polling.

    A slip that was queued by a commit needs a ``wake()`` (or ``print_jobs``) after it.
    """

    def __init__(self, ledger: Jobs, printer: Printer, render: Render, *, off_loop: Runner) -> None:
        self._ledger, self._printer = ledger, printer
        self._render, self._off_loop = render, off_loop
        self._work = asyncio.Event()
        self._moved = asyncio.Condition()

    # --- for the flows -------------------------------------------------------------------------

    def wake(self) -> None:
        """Something new is READY in the ledger."""
        self._work.set()

    @property
    def waiting(self) -> Waiting:
        """Counts from the ledger; ``why`` is the printer's trouble, if it has any."""
        return Waiting(
            ready=len(self._ledger.jobs(JobState.READY, JobState.SENDING)),
            unknown=len(self._ledger.jobs(JobState.UNKNOWN)),
            why=self._trouble(),
        )

    async def print_jobs(self, refund_id: int, patience: float | None = None) -> PrintOutcome:
        """Print the refund's slips and say what became of them.

        Waits while paper or cover are mended, at most ``patience`` seconds (None: for ever).
        Cancelling it does not stop the printing.
        """
        self.wake()
        try:
            async with asyncio.timeout(patience), self._moved:
                await self._moved.wait_for(lambda: not self._outcome(refund_id).waiting)
        except TimeoutError:
            pass
        return self._outcome(refund_id)

    def unknown_jobs(self) -> Sequence[PrintJob]:
        """Interrupted jobs that wait for the clerk's word."""
        return self._ledger.jobs(JobState.UNKNOWN)

    async def resume(self, job_id: int, operator: str) -> None:
        """The clerk has no whole slip: print it again, whole and marked with the attempt."""
        await self._ledger.job_ready_again(job_id, operator)
        await self._tell()
        self.wake()

    async def drop(self, job_id: int, operator: str) -> None:
        """The clerk holds the whole slip."""
        await self._ledger.job_dropped(job_id, operator)
        await self._tell()

    async def reprint(self, job_id: int, operator: str) -> PrintJob:
        """A further copy, marked ``重打印 DUPLICATE n`` (R41)."""
        job = await self._ledger.queue_reprint(job_id, operator)
        self.wake()
        return job

    def _outcome(self, refund_id: int) -> PrintOutcome:
        jobs = self._ledger.jobs_of(refund_id)
        unknown = tuple(job for job in jobs if job.state is JobState.UNKNOWN)
        waiting = tuple(job for job in jobs if job.state in (JobState.READY, JobState.SENDING))
        if waiting:
            return PrintOutcome(Printed.WAITING, unknown, waiting, self._trouble())
        if unknown:
            return PrintOutcome(Printed.ASK, unknown, (), say("printer.ask"))
        return PrintOutcome(Printed.DONE)

    def _trouble(self) -> Words | None:
        status = self._printer.status
        return None if status.ready else status.error or say("printer.not_ready")

    async def _tell(self) -> None:
        async with self._moved:
            self._moved.notify_all()

    # --- the worker ----------------------------------------------------------------------------

    async def run(self) -> None:
        """Serve until cancelled. Jobs found SENDING were cut off: UNKNOWN, never printed again."""
        for job in self._ledger.jobs(JobState.SENDING):
            await self._ledger.job_unknown(job.job_id)
        self._work.set()
        while True:
            await self._work.wait()
            self._work.clear()
            while group := self._next_group():
                await self._print_group(group)
                await self._tell()

    def _next_group(self) -> Sequence[PrintJob]:
        """The oldest READY job and the copies of the same refund right behind it."""
        ready = self._ledger.jobs(JobState.READY)
        if not ready:
            return ()
        first = ready[0]
        if first.refund_id is None:
            return ready[:1]
        return tuple(takewhile(lambda job: job.refund_id == first.refund_id, ready))

    async def _print_group(self, group: Sequence[PrintJob]) -> None:
        """All copies of a refund; those that were printed are confirmed in one commit."""
        printed: list[int] = []
        try:
            for job in group:
                if not await self._print_one(job.job_id):
                    break
                printed.append(job.job_id)
        finally:
            if printed:
                await asyncio.shield(self._ledger.jobs_confirmed(printed))

    async def _print_one(self, job_id: int) -> bool:
        """Whether the printer said that the slip is on paper; if not, the job is UNKNOWN now."""
        await self._printer.wait_ready()
        job = await self._ledger.job_sending(job_id)
        try:
            data = await self._off_loop(lambda: self._render(job))
            assert isinstance(data, bytes)  # noqa: S101 - what Render returns
            sure = await self._printer.print(data, _fence(job)) is Confirmation.PRINTED
        except PrinterLost:
            sure = False
        except Exception:
            # A slip that can't be made must not stop the others, nor be tried for ever.
            log.exception("job %d can't be printed", job_id)
            sure = False
        if not sure:
            await self._ledger.job_unknown(job_id)
        return sure


def _fence(job: PrintJob) -> int:
    """Different for jobs and attempts that follow each other, the same in every replay."""
    return (job.job_id * 16 + job.attempt) % FENCES + 1
