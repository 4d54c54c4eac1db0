"""The emulated printer on a line within the loop, for virtual time. The driver at it is the
terminal's own.

The line takes a wire's time, lets the driver obey the printer's XOFF, and fulfils
``pos_drivers.serial_port.Line``.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

from pos_drivers.outgoing import Outgoing
from pos_drivers.printer import EscposPrinter
from pos_drivers.serial_port import PortError, PortTrouble

from hw_sim.printer.as_text import as_text
from hw_sim.printer.engine import BOOT_SECONDS, Printer
from hw_sim.printer.machine import Abilities
from hw_sim.virtual import run_inline
from pos_terminal.ports import Sink

PORT: Final = "sim"
BAUD: Final = 115200
TICK_BYTES: Final = 64
NEWS_SECONDS: Final = 5.0
"""How long before a slip something may be that the terminal hears of in its midst."""
LOOK_SECONDS: Final = 0.2
"""Between two tries to open a line whose cable is out."""


class SimPrinter:
    """What stands on the counter. Run ``run`` as a task: it is the mechanism.

    ``driver`` makes a terminal's end of it; the newest one has the line. Faults:
    ``printer.change(paper_out=True)``, ``printer.after(rows, action)``, and here ``unplug``,
    ``plug``, ``power_cycle`` and ``become``.
    """

    def __init__(
        self,
        *,
        columns: int = 32,
        speed: float = 250.0,
        bytes_per_second: float = BAUD / 10,
        keep: int = 2000,
        abilities: Abilities | None = None,
    ) -> None:
        """``keep``: how many receipts are remembered; few for a run of many refunds."""
        self.columns = columns
        self.printer = Printer(columns=columns, speed=speed, abilities=abilities)
        self.printer.roll.keep = keep
        self.rate = bytes_per_second
        self.plugged = True
        self._last_upset = -NEWS_SECONDS
        self._port = self.printer.port(self._said, flow=True)
        self._line: SimLine | None = None

    def texts(self) -> list[str]:
        """Every receipt so far as text, unfinished ones included."""
        return [as_text(receipt) for receipt in self.printer.roll.all()]

    def driver(self, sink: Sink) -> EscposPrinter:
        """The terminal's end; it opens the line when it is run."""
        return EscposPrinter(
            port=PORT,
            columns=self.columns,
            sink=sink,
            baud=BAUD,
            off_loop=run_inline,
            make_line=self._make_line,
        )

    async def run(self) -> None:
        """The mechanism: prints what was sent, until cancelled."""
        await self.printer.run()

    # --- faults --------------------------------------------------------------------------------

    def unplug(self) -> None:
        """The cable is pulled; what has arrived is still printed."""
        self.plugged = False
        self._happened()
        if self._line is not None:
            self._line.lose("unplugged")

    def plug(self) -> None:
        if not self.plugged:
            self.plugged = True
            self._port.host_came()

    def power_cycle(self, seconds: float = BOOT_SECONDS) -> None:
        """Off, what was in the buffer is lost; on again after so many seconds."""
        self._happened()
        self.printer.power_off()
        asyncio.get_running_loop().call_later(seconds, self.printer.power_on)

    def become(self, abilities: Abilities) -> None:
        """Another model on the same cable."""
        self.unplug()
        self.printer.become(abilities)
        self.plug()

    def change(self, **state: bool) -> None:
        """As ``printer.change``."""
        self._happened()
        self.printer.change(**state)

    def happened_since(self, moment: float) -> bool:
        """Whether anything did, or goes on, or was told late, since this one of the loop's."""
        state = self.printer.mechanism
        well = self.plugged and self.printer.powered and state.online
        return not well or self._last_upset >= moment - NEWS_SECONDS

    def _happened(self) -> None:
        self._last_upset = asyncio.get_running_loop().time()

    # --- the line ------------------------------------------------------------------------------

    def _make_line(
        self,
        *,
        on_bytes: Callable[[bytes], None],
        on_lost: Callable[[PortError], None],
    ) -> SimLine:
        return SimLine(self, on_bytes, on_lost)

    def take(self, line: SimLine) -> None:
        """A host opens the line: a process that came after the last one."""
        self._line = line
        self._port.host_came()

    def hear(self, line: SimLine, data: bytes) -> None:
        """Bytes of the host's; an earlier one is not connected any more."""
        if self._line is line and self.plugged:
            self._port.receive(data)

    def _said(self, data: bytes) -> None:
        if self._line is not None and self.plugged:
            self._line.came(data)


class SimLine(Outgoing):
    """A terminal's end of the cable; fulfils ``pos_drivers.serial_port.Line``."""

    address = PORT

    def __init__(
        self,
        there: SimPrinter,
        on_bytes: Callable[[bytes], None],
        on_lost: Callable[[PortError], None],
    ) -> None:
        super().__init__()
        self._there = there
        self._on_bytes, self._on_lost = on_bytes, on_lost
        self._open = False
        self._said_at = 0.0
        """When the last byte that the printer said is here."""
        self._tick: asyncio.TimerHandle | None = None

    @property
    def baud(self) -> int:
        return round(self._there.rate * 10)

    @property
    def is_open(self) -> bool:
        return self._open

    async def open(self) -> None:
        if not self._there.plugged:
            raise PortError(PortTrouble.MISSING, PORT, "unplugged")
        if not self._open:
            self._open, self._held = True, False
            self._there.take(self)

    async def open_when_there(self, on_failure: Callable[[PortError], None]) -> None:
        told = False
        while not self._there.plugged:
            if not told:
                on_failure(PortError(PortTrouble.MISSING, PORT, "unplugged"))
                told = True
            await asyncio.sleep(LOOK_SECONDS)
        await self.open()

    def close(self) -> None:
        self._open = False
        if self._tick is not None:
            self._tick.cancel()
            self._tick = None
        self._forget()

    async def closed(self) -> None:
        """At once."""

    def lose(self, detail: str) -> None:
        """Hang-up."""
        if self._open:
            self.close()
            self._on_lost(PortError(PortTrouble.LOST, PORT, detail))

    def came(self, data: bytes) -> None:
        """What the printer says takes its time, too, one after the other."""
        loop = asyncio.get_running_loop()
        self._said_at = max(self._said_at, loop.time()) + len(data) / self._there.rate
        loop.call_at(self._said_at, self._hear, data)

    def _hear(self, data: bytes) -> None:
        if self._open:
            self._on_bytes(data)

    def _go_on(self) -> None:
        if self._open and self._tick is None:
            self._send()

    def _send(self) -> None:
        """As many bytes as are on the wire at a time, then what comes after them."""
        self._tick = None
        out = b""
        while (room := TICK_BYTES - len(out)) and self._something_to_send():
            data = self._next()
            self._begun = data[room:]
            out += data[:room]
        if out:
            self._there.hear(self, out)
            wire = len(out) / self._there.rate
            self._tick = asyncio.get_running_loop().call_later(wire, self._send)
        self._note_empty()
