"""Slips on their way to paper (R41, R42)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from pos_terminal.core.print_job import JobState
from pos_terminal.ports.records import PrintJob
from pos_terminal.wire.receipt.slip import Slip


class PrintJobReads(Protocol):
    """Questions about slips."""

    def in_state(self, *states: JobState) -> Sequence[PrintJob]:
        """Oldest first. CONFIRMED and DROPPED ones are history: ask by what they belong to."""

    def of_refund(self, refund_id: int) -> Sequence[PrintJob]: ...
    def of_case(self, case_id: int) -> Sequence[PrintJob]: ...

    def of_application(self, application: int) -> Sequence[PrintJob]:
        """Originals of an application and of its refunds, oldest first."""

    def before(self, job_id: int | None, limit: int) -> Sequence[PrintJob]:
        """Originals of any kind that are older than this job (None: all), newest first."""


class PrintJobs(PrintJobReads, Protocol):
    """Slips and what becomes of them; those of a refund or a case are queued by its own commit."""

    async def queue(self, slips: Sequence[Slip], application: int | None) -> None:
        """Slips that belong to no refund: an application refused by a rule (R67), a test."""

    async def reprint(self, job_id: int, operator: str) -> PrintJob:
        """A marked copy: ``重打印 DUPLICATE n``. Failure ``ledger.slip_gone``."""

    async def sending(self, job_id: int) -> PrintJob:
        """Durable before the first byte; counts the attempt."""

    async def confirmed(self, job_ids: Sequence[int]) -> None: ...
    async def unknown(self, job_id: int) -> None: ...
    async def ready_again(self, job_id: int, operator: str) -> None: ...
    async def dropped(self, job_id: int, operator: str) -> None: ...
