"""The receipt printer, and the queue of slips before it."""

from __future__ import annotations

from contextlib import AbstractContextManager
from enum import StrEnum
from typing import Protocol

from msgspec import Struct

from pos_terminal.core.print_job import Upset
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
    fault: bool = False
    """Cutter, head or another error that it names."""
    overruled: bool = False
    """A supervisor said that it prints all the same."""

    @property
    def ready(self) -> bool:
        return self.overruled or (
            self.connected
            and self.online
            and not self.cover_open
            and self.paper in (Paper.OK, Paper.NEAR_END)
            and self.error is None
        )

    @property
    def says_offline(self) -> bool:
        """It can't print by what it says, and names nothing that a person could see and mend."""
        to_mend = self.paper is Paper.OUT or self.cover_open or self.fault
        return self.connected and not (self.ready or to_mend)


class Confirmation(StrEnum):
    """What is known of a job that went through without an upset."""

    PRINTED = "printed"
    """The printer said so."""
    TAKEN = "taken"
    """The printer took all of it up; it can't say more."""


class PrinterLost(Exception):
    """Something happened while a job was under way: its end is unknown."""

    def __init__(self, upset: Upset, detail: str = "", *, sent: bool = True) -> None:
        """``sent``: False where surely no byte of it has left."""
        super().__init__(detail or upset.value)
        self.upset = upset
        self.sent = sent


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
        """Send one job and wait until the printer has it. ``fence`` is 0–9999.

        Raises PrinterLost.
        """

    def print_anyway(self) -> None:
        """A printer that says offline, and no cause, is ready from now on whenever it says so;
        until it goes away."""

    async def kick_drawer(self) -> None:
        """One pulse, never repeated by itself. Raises PrinterLost."""


class SlipsEnd(StrEnum):
    """Where the slips of a refund or of a case are, when the flow stops waiting for them."""

    PRINTED = "printed"
    TAKEN = "taken"
    """The printer has them, or some of them, and can't say that they are on paper."""
    WAITING = "waiting"
    """Paper, cover or cable: they print by themselves once that is mended."""
    UNSURE = "unsure"
    """Something happened to one: the clerk must say whether to print again."""


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

    @property
    def says_offline(self) -> bool:
        """Whether it says that it can't print, and nothing that could be mended."""

    @property
    def waiting(self) -> int:
        """How many slips are still to be printed by themselves."""

    def print_anyway(self) -> None:
        """As ``Printer.print_anyway``."""

    def wake(self) -> None:
        """New jobs are in the ledger."""

    def hold(self) -> AbstractContextManager[None]:
        """No slip begins until it is given back: the customer takes the card first (R28)."""

    async def slips_done(self, refund_id: int) -> SlipsEnd:
        """Until all jobs of this refund are done, or can't go on by themselves."""

    async def case_slips_done(self, case_id: int) -> SlipsEnd:
        """As ``slips_done``, of the jobs of this case."""

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
