"""What flows and the print queue may do with slips."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from pos_terminal.core.print_job import JobState, Upset
from pos_terminal.ports import PrintJob
from pos_terminal.services.ledger.books.book import Face
from pos_terminal.services.ledger.books.slips.reads import PrintJobReads
from pos_terminal.services.ledger.books.slips.writes import (
    again,
    change,
    interrupted,
    prove,
    queue,
    reprint,
)
from pos_terminal.services.ledger.step import Step
from pos_terminal.wire.receipt.slip import Slip


class PrintJobs(Face, PrintJobReads):
    """Fulfils ``ports.PrintJobs``."""

    async def queue(self, slips: Sequence[Slip], application: int | None) -> None:
        await self._door.step("queue_slips", lambda step: queue(step, slips, None, application))

    async def reprint(self, job_id: int, operator: str) -> PrintJob:
        return await self._door.step("queue_reprint", lambda step: reprint(step, job_id, operator))

    async def prove(self, sale_key: int, slip: Callable[[int], Slip], operator: str) -> int:
        return await self._door.step(
            "queue_proof", lambda step: prove(step, sale_key, slip, operator)
        )

    async def sending(self, job_id: int) -> PrintJob:
        return await self._door.step(
            "job_sending", lambda step: change(step, job_id, JobState.SENDING, (JobState.READY,))
        )

    async def done(self, jobs: Mapping[int, JobState]) -> None:
        def work(step: Step) -> None:
            for job_id, end in jobs.items():
                change(step, job_id, end, (JobState.SENDING,))

        await self._door.step("jobs_done", work)

    async def unknown(self, job_id: int, upset: Upset) -> None:
        await self._door.step(
            "job_unknown",
            lambda step: change(step, job_id, JobState.UNKNOWN, (JobState.SENDING,), upset=upset),
        )

    async def unsent(self, job_id: int) -> None:
        await self._door.step(
            "job_unsent", lambda step: change(step, job_id, JobState.READY, (JobState.SENDING,))
        )

    async def ready_again(self, job_id: int, operator: str) -> None:
        await self._door.step(
            "job_ready_again",
            lambda step: again(step, job_id, operator),
        )

    async def dropped(self, job_id: int, operator: str) -> None:
        before = (JobState.UNKNOWN, JobState.READY)
        await self._door.step(
            "job_dropped",
            lambda step: change(step, job_id, JobState.DROPPED, before, operator=operator),
        )

    async def interrupted(self) -> Sequence[PrintJob]:
        """At start-up: what was being printed has an unknown end; all jobs of that state."""
        if self.in_state(JobState.SENDING):
            await self._door.step("jobs_interrupted", interrupted)
        return self.in_state(JobState.UNKNOWN)
