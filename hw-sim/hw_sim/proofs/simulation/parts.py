"""The things on the counter: they are there before the terminal starts, and after it dies."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from hw_sim.cards.inprocess import SimCardReaders
from hw_sim.printer.inprocess import SimPrinter
from hw_sim.proofs.simulation.lines import Moment
from hw_sim.virtual import VirtualClock
from pos_terminal.ports import (
    Confirmation,
    DeviceState,
    Frame,
    InputEvent,
    PrinterLost,
    PrinterStatus,
)
from pos_terminal.wiring import Devices


class Parts:
    """Card readers, printer and the system's clock. ``post`` is where their events go."""

    def __init__(
        self,
        wall: VirtualClock,
        post: Callable[[InputEvent], None],
        seen: Callable[[Frame], None],
    ) -> None:
        self.wall = wall
        self.synchronised = True
        """What NTP says of the clock."""
        self.seen = seen
        self.post = post
        self.readers = SimCardReaders(post)
        self.printer = SimPrinter()
        self.groundless: list[str] = []
        """Slips whose end was called unknown though nothing had happened to the printer."""
        self.drawer = 0
        """How often a process had the drawer opened."""

    async def run(self) -> None:
        """The printer's mechanism: it prints what it has, whoever sent it."""
        await self.printer.run()

    def devices(self, moment: Moment) -> Devices:
        """What a new process finds; its printer's line is opened anew."""
        printer = _Printer(self, moment)
        return Devices(self.readers, printer, (self.readers, printer))


class _Printer:
    """The printer as one process has it: fulfils ``ports.Printer`` and ``ports.Device``."""

    name = "printer"

    def __init__(self, parts: Parts, moment: Moment) -> None:
        self.columns = parts.printer.columns
        self._parts = parts
        self._port = parts.printer.driver(parts.post)
        self._moment = moment

    @property
    def status(self) -> PrinterStatus:
        return self._port.status

    async def wait_ready(self) -> None:
        await self._port.wait_ready()

    async def status_changed(self) -> None:
        await self._port.status_changed()

    async def print(self, data: bytes, fence: int) -> Confirmation:
        self._moment("print:before")
        begun = asyncio.get_running_loop().time()
        try:
            said = await self._port.print(data, fence)
        except PrinterLost as lost:
            if lost.sent and not self._parts.printer.happened_since(begun):
                self._parts.groundless.append(f"slip {fence}: {lost.upset}, of which there is none")
            raise
        self._moment("print:after")
        return said

    def print_anyway(self) -> None:
        self._port.print_anyway()

    async def kick_drawer(self) -> None:
        self._moment("drawer:before")
        await self._port.kick_drawer()
        self._parts.drawer += 1
        self._moment("drawer:after")

    async def run(self) -> None:
        await self._port.run()

    async def check(self) -> DeviceState:
        return await self._port.check()
