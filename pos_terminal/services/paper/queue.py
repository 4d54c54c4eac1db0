"""The print queue: slips from the ledger to paper, one refund's copies at a time (R42).

A job's state is durable before its first byte leaves (READY to SENDING). Where nothing happens to
it, it is done: CONFIRMED by a printer that can say so, TAKEN by one that can't. What an upset
befell is UNKNOWN, with what happened: only the clerk, who sees the paper, can say whether it is
printed again (whole and marked) or dropped. The money is never touched here.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from itertools import takewhile
from typing import Any, Final, Protocol

from pos_terminal.core.words import Words, say
from pos_terminal.ports import (
    Confirmation,
    JobState,
    Paper,
    Printer,
    PrinterLost,
    PrintJob,
    Runner,
    SlipsEnd,
    Upset,
)

log = logging.getLogger(__name__)

FENCES: Final = 9999
"""Fence numbers 1 to 9999 are ours; 0 is left to the driver's own probe."""
TROUBLE_SECONDS: Final = 1.0
"""How long the printer must be in trouble before a flow is told not to wait for it."""

_ENDS: Final = {
    Confirmation.PRINTED: JobState.CONFIRMED,
    Confirmation.TAKEN: JobState.TAKEN,
}
Render = Callable[[PrintJob], bytes]
"""A job as the bytes of its slip, marks included."""


class Jobs(Protocol):
    """What the queue needs of the ledger's slips."""

    def in_state(self, *states: JobState) -> Sequence[PrintJob]: ...
    def of_refund(self, refund_id: int) -> Sequence[PrintJob]: ...
    def of_case(self, case_id: int) -> Sequence[PrintJob]: ...
    async def reprint(self, job_id: int, operator: str) -> PrintJob: ...
    async def sending(self, job_id: int) -> PrintJob: ...
    async def done(self, jobs: Mapping[int, JobState]) -> None: ...
    async def unknown(self, job_id: int, upset: Upset) -> None: ...
    async def unsent(self, job_id: int) -> None: ...
    async def ready_again(self, job_id: int, operator: str) -> None: ...
    async def dropped(self, job_id: int, operator: str) -> None: ...


class PrintQueue:
    """Fulfils ``ports.Printing``. ``run`` is the worker: woken by events, never polling."""

    def __init__(self, jobs: Jobs, printer: Printer, render: Render, *, off_loop: Runner) -> None:
        """``off_loop`` runs the rendering: its library takes long to import."""
        self._jobs, self._printer = jobs, printer
        self._render, self._off_loop = render, off_loop
        self._work = asyncio.Event()
        self._holds = 0
        self._moved = asyncio.Event()
        """Set, and replaced, each time that a job changes its state."""

    # --- for the flows -------------------------------------------------------------------------

    @property
    def trouble(self) -> Words | None:
        """What keeps slips from being printed now; None when the printer is ready."""
        status = self._printer.status
        return None if status.ready else status.error or say("printer.not_ready")

    @property
    def near_end(self) -> bool:
        """Whether the paper is near its end (to be said before a refund begins, R43)."""
        return self._printer.status.paper is Paper.NEAR_END

    @property
    def connected(self) -> bool:
        return self._printer.status.connected

    @property
    def says_offline(self) -> bool:
        """Whether it says that it can't print, and nothing that could be mended."""
        return self._printer.status.says_offline

    def print_anyway(self) -> None:
        """Whatever it says: a supervisor answers for it."""
        self._printer.print_anyway()

    @property
    def waiting(self) -> int:
        """How many slips are still to be printed by themselves."""
        return len(self._jobs.in_state(JobState.READY, JobState.SENDING))

    def wake(self) -> None:
        """New jobs are in the ledger."""
        self._work.set()

    @contextmanager
    def hold(self) -> Iterator[None]:
        """No further slip is begun until it is given back; one that is under way goes on."""
        self._holds += 1
        try:
            yield
        finally:
            self._holds -= 1
            self.wake()

    async def slips_done(self, refund_id: int) -> SlipsEnd:
        """Until all slips of this refund are done, or can't go on by themselves.

        Cancelling it does not stop the printing.
        """
        return await self._done(lambda: self._jobs.of_refund(refund_id))

    async def case_slips_done(self, case_id: int) -> SlipsEnd:
        """As ``slips_done``, of all slips of this case."""
        return await self._done(lambda: self._jobs.of_case(case_id))

    async def _done(self, jobs: Callable[[], Sequence[PrintJob]]) -> SlipsEnd:
        self.wake()
        while True:
            moved = self._moved
            states = {job.state for job in jobs()}
            if not states & {JobState.READY, JobState.SENDING}:
                if JobState.UNKNOWN in states:
                    return SlipsEnd.UNSURE
                return SlipsEnd.TAKEN if JobState.TAKEN in states else SlipsEnd.PRINTED
            if await _first(moved.wait(), self._lasting_trouble()):
                return SlipsEnd.WAITING

    async def wait_connected(self, seconds: float) -> None:
        """Until there is a printer, at most so long."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while not self.connected:
                    await self._printer.status_changed()

    async def moved(self) -> None:
        """Until some job changed its state."""
        await self._moved.wait()

    async def print_again(self, job_id: int, operator: str) -> None:
        """The clerk has no whole slip: print it again, whole and marked with the attempt."""
        await self._jobs.ready_again(job_id, operator)
        self._tell()
        self.wake()

    async def drop(self, job_id: int, operator: str) -> None:
        """The clerk holds the whole slip."""
        await self._jobs.dropped(job_id, operator)
        self._tell()

    async def reprint(self, job_id: int, operator: str) -> PrintJob:
        """A further copy, marked ``重打印 DUPLICATE n`` (R41)."""
        job = await self._jobs.reprint(job_id, operator)
        self.wake()
        return job

    async def kick_drawer(self) -> None:
        """One pulse to the cash drawer, never repeated by itself. Raises PrinterLost."""
        await self._printer.kick_drawer()

    async def _lasting_trouble(self) -> None:
        """Until the printer has been in trouble for a moment."""
        while True:
            if self.trouble is None:
                await self._printer.status_changed()
                continue
            with suppress(TimeoutError):
                async with asyncio.timeout(TROUBLE_SECONDS):
                    while self.trouble is not None:
                        await self._printer.status_changed()
            if self.trouble is not None:
                return

    def _tell(self) -> None:
        moved, self._moved = self._moved, asyncio.Event()
        moved.set()

    # --- the worker ----------------------------------------------------------------------------

    async def run(self) -> None:
        """Serve until cancelled. Jobs found SENDING were cut off: UNKNOWN, never printed again.

        Raises Failure where the ledger can't be written; started again, it begins anew.
        """
        for job in self._jobs.in_state(JobState.SENDING):
            await self._jobs.unknown(job.job_id, Upset.CRASH)
        self._work.set()
        while True:
            await self._work.wait()
            self._work.clear()
            while group := self._next_group():
                await self._print_group(group)

    def _next_group(self) -> Sequence[PrintJob]:
        """The oldest READY job and the copies of the same refund right behind it; none while a
        flow holds the slips back."""
        if self._holds:
            return ()
        ready = self._jobs.in_state(JobState.READY)
        if not ready or ready[0].refund_id is None:
            return ready[:1]
        refund_id = ready[0].refund_id
        return tuple(takewhile(lambda job: job.refund_id == refund_id, ready))

    async def _print_group(self, group: Sequence[PrintJob]) -> None:
        """All copies of a refund; those that came through are done in one commit."""
        done: dict[int, JobState] = {}
        try:
            for job in group:
                end = await self._print_one(job.job_id)
                if end is None:
                    break
                done[job.job_id] = _ENDS[end]
        finally:
            if done:
                await asyncio.shield(self._jobs.done(done))
            self._tell()

    async def _print_one(self, job_id: int) -> Confirmation | None:
        """What the printer says of it; None where the job is UNKNOWN now, or has not begun."""
        await self._printer.wait_ready()
        job = await self._jobs.sending(job_id)
        try:
            data = await self._off_loop(lambda: self._render(job))
            assert isinstance(data, bytes)  # noqa: S101 - what Render returns
            return await self._printer.print(data, _fence(job))
        except PrinterLost as error:
            log.warning("job %d: the printer was lost: %s (%s)", job_id, error, error.upset)
            if not error.sent:
                await self._jobs.unsent(job_id)
                return None
            upset = error.upset
        except Exception:
            # A slip that can't be made must not stop the others, nor be tried for ever.
            log.exception("job %d can't be printed", job_id)
            upset = Upset.DEFECT
        await self._jobs.unknown(job_id, upset)
        return None


def _fence(job: PrintJob) -> int:
    """Different for jobs and attempts that follow each other, the same in every replay."""
    return (job.job_id * 16 + job.attempt) % FENCES + 1


async def _first(moved: Coroutine[Any, Any, Any], trouble: Coroutine[Any, Any, Any]) -> bool:
    """Wait for one of the two; whether it was the trouble."""
    tasks = [asyncio.ensure_future(moved), asyncio.ensure_future(trouble)]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
    return tasks[0] not in done
