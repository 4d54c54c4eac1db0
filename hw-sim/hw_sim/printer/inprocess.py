"""The emulated printer behind the terminal's port, without a line: for the virtual-time loop."""

from __future__ import annotations

import asyncio
from typing import Any

from hw_sim.printer.as_text import as_text
from hw_sim.printer.engine import BOOT_SECONDS, Port, Printer
from hw_sim.printer.machine import Abilities
from pos_terminal.core.words import Words, say
from pos_terminal.ports import (
    Confirmation,
    DeviceState,
    Paper,
    PrinterLost,
    PrinterStatus,
    Sink,
    Upset,
)

CHUNK_BYTES = 64
RECOVER = bytes(64) + b"\x1b@"
"""What the driver sends when the printer is back: the end of whatever was begun."""


class SimPrinter:
    """Fulfils ``ports.Printer`` and ``ports.Device``. Run ``run`` as a task: it is the mechanism.

    Faults: ``printer.change(paper_out=True)``, ``printer.after(rows, action)``, and here
    ``unplug``, ``plug``, ``power_cycle`` and ``confirms = False``.
    """

    name = "printer"

    def __init__(
        self,
        *,
        columns: int = 32,
        speed: float = 250.0,
        bytes_per_second: float = 11520.0,
        sink: Sink | None = None,
        keep: int = 2000,
    ) -> None:
        """``keep``: how many receipts are remembered; few for a run of many refunds."""
        self.columns = columns
        self.printer = Printer(columns=columns, speed=speed, abilities=Abilities(notice=False))
        self.printer.roll.keep = keep
        self.confirms = True
        """False: as a printer without ``GS ( H``."""
        self._line: Port = self.printer.port(self._heard, flow=False)
        self._line.receive(b"\x1da\x0f")
        self._rate = bytes_per_second
        self._sink = sink
        self._plugged = True
        self._fence: asyncio.Future[bytes] | None = None
        self._lost = asyncio.Event()
        self._changed = asyncio.Event()
        self._talk = asyncio.Lock()
        self._mark = b""

    def texts(self) -> list[str]:
        """Every receipt so far as text, unfinished ones included."""
        return [as_text(receipt) for receipt in self.printer.roll.all()]

    # --- ports ---------------------------------------------------------------------------------

    @property
    def status(self) -> PrinterStatus:
        state = self.printer.mechanism
        paper = Paper.OUT if state.paper_out else Paper.NEAR_END if state.near_end else Paper.OK
        if not (self._plugged and self.printer.powered):
            return PrinterStatus(False, False, Paper.UNKNOWN, False, self._why())
        return PrinterStatus(True, state.online, paper, state.cover_open, self._why())

    def _why(self) -> Words | None:
        state = self.printer.mechanism
        if not self._plugged:
            return say("printer.lost", port="sim", detail="unplugged")
        if not self.printer.powered:
            return say("printer.silent", port="sim", baud=0)
        if state.cover_open:
            return say("printer.cover_open")
        if state.paper_out:
            return say("printer.paper_out")
        return None if state.online else say("printer.offline")

    async def status_changed(self) -> None:
        await self._changed.wait()

    async def wait_ready(self) -> None:
        while not self.status.ready:
            await self._changed.wait()

    async def print(self, data: bytes, fence: int) -> Confirmation:
        async with self._talk:
            if not self.status.connected:
                raise PrinterLost(Upset.HANG_UP, "not connected", sent=False)
            self._lost.clear()
            self._mark = b"%04d" % fence
            self._fence = asyncio.get_running_loop().create_future()
            await self._send(b"\x1b@\x1da\x0f" + data + b"\x1d(H\x06\x0000" + self._mark)
            await self._or_lost(self._fence)
            return Confirmation.PRINTED if self.confirms else Confirmation.TAKEN

    async def kick_drawer(self) -> None:
        if not self.status.ready:
            raise PrinterLost(Upset.OFFLINE, "not ready", sent=False)
        self.printer.kick()

    def print_anyway(self) -> None:
        """It never says what it is not."""

    async def run(self) -> None:
        """The mechanism: prints what was sent, until cancelled."""
        self._tell()
        await self.printer.run()

    async def check(self) -> DeviceState:
        return DeviceState(self.name, self.status.ready, self._why())

    # --- faults --------------------------------------------------------------------------------

    def unplug(self) -> None:
        """The cable is pulled; what has arrived is still printed."""
        self._plugged = False
        self._lost.set()
        self._tell()

    def plug(self) -> None:
        if not self._plugged:
            self._plugged = True
            self._line.host_came()
            self._line.receive(RECOVER + b"\x1da\x0f")
            self._tell()

    def power_cycle(self, seconds: float = BOOT_SECONDS) -> None:
        """Off, what was in the buffer is lost; on again after so many seconds."""
        self.printer.power_off()
        self._lost.set()
        self._tell()
        asyncio.get_running_loop().call_later(seconds, self._power_on)

    def _power_on(self) -> None:
        self.printer.power_on()
        self._line.receive(b"\x1da\x0f")
        self._tell()

    # --- bytes ---------------------------------------------------------------------------------

    async def _send(self, data: bytes) -> None:
        """At the line's pace, and no faster than the buffer has room."""
        for start in range(0, len(data), CHUNK_BYTES):
            chunk = data[start : start + CHUNK_BYTES]
            await self._or_lost(asyncio.ensure_future(self._line.until_room(len(chunk))))
            self._line.receive(chunk)
            await self._or_lost(asyncio.ensure_future(asyncio.sleep(len(chunk) / self._rate)))

    async def _or_lost(self, future: asyncio.Future[Any]) -> None:
        lost = asyncio.ensure_future(self._lost.wait())
        try:
            await asyncio.wait([future, lost], return_when=asyncio.FIRST_COMPLETED)
        finally:
            lost.cancel()
            if not future.done():
                future.cancel()
        if self._lost.is_set():
            raise PrinterLost(Upset.HANG_UP, "the line or the power went away")

    def _heard(self, data: bytes) -> None:
        if data == b"\x37\x22" + self._mark + b"\x00":
            if self._fence is not None and not self._fence.done():
                self._fence.set_result(self._mark)
        elif data[0] & 0x93 == 0x10:
            self._tell()

    def _tell(self) -> None:
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()
        if self._sink is not None:
            self._sink(DeviceState(self.name, self.status.ready, self._why()))
