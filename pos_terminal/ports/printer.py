"""The receipt printer, and the queue of slips before it."""

from __future__ import annotations

from contextlib import AbstractContextManager
from enum import StrEnum
from typing import Protocol

from msgspec import Struct

from pos_terminal.core.words import Words
from pos_terminal.ports.records import PrintJob


class Paper(StrEnum):
    OK = "ok"
    NEAR_END = "near_end"
    OUT = "out"
    UNKNOWN = "unknown"


class PrinterStatus(Struct, frozen=True):
    connected: bool
    online: bool
    paper: Paper
    cover_open: bool
    error: Words | None = None

    @property
    def ready(self) -> bool:
        return (
            self.connected
            and self.online
            and not self.cover_open
            and self.paper in (Paper.OK, Paper.NEAR_END)
            and self.error is None
        )


class Confirmation(StrEnum):
    PRINTED = "printed"
    UNKNOWN = "unknown"


class PrinterLost(Exception):
    """Hang-up, power-on or lost status while a job was under way: its end is unknown."""


class Printer(Protocol):
    """The receipt printer. A job waits inside while paper or cover are mended (R42)."""

    columns: int

    @property
    def status(self) -> PrinterStatus: ...

    async def wait_ready(self) -> None:
        """Until the status allows a job to begin."""

    async def status_changed(self) -> None:
        """Until the status is another than now."""

    async def print(self, data: bytes, fence: int) -> Confirmation:
        """Send one job and wait until the printer says that it is printed. ``fence`` is 0–9999.

        Raises PrinterLost.
        """

    async def kick_drawer(self) -> None:
        """One pulse, never repeated by itself. Raises PrinterLost."""


class SlipsEnd(StrEnum):
    """Where the slips of a refund are, when the flow stops waiting for them."""

    PRINTED = "printed"
    WAITING = "waiting"
    """Paper, cover or cable: they print by themselves once that is mended."""
    UNSURE = "unsure"
    """Interrupted: the clerk must say whether to print again."""


class Printing(Protocol):
    """The print queue as the flows see it. Slips are jobs of the ledger."""

    @property
    def trouble(self) -> Words | None:
        """What keeps slips from being printed now; None when the printer is ready."""

    @property
    def near_end(self) -> bool:
        """Whether the paper is near its end."""

    @property
    def connected(self) -> bool:
        """Whether there is a printer at all."""

    def wake(self) -> None:
        """New jobs are in the ledger."""

    def hold(self) -> AbstractContextManager[None]:
        """No slip begins until it is given back: the customer takes the card first (R28)."""

    async def slips_done(self, refund_id: int) -> SlipsEnd:
        """Until all jobs of this refund are printed, or can't go on by themselves."""

    async def wait_connected(self, seconds: float) -> None:
        """Until there is a printer, at most so long."""

    async def moved(self) -> None:
        """Until some job changed its state."""

    async def print_again(self, job_id: int, operator: str) -> None:
        """The clerk's word on an interrupted job: print it whole again, marked."""

    async def drop(self, job_id: int, operator: str) -> None:
        """The clerk's word on an interrupted job: it came out after all."""

    async def reprint(self, job_id: int, operator: str) -> PrintJob:
        """A marked duplicate of any earlier slip (R41)."""

    async def kick_drawer(self) -> None:
        """One pulse to the cash drawer. Raises PrinterLost."""
