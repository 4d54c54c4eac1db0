"""The terminal's devices with points: its own printer and inputs, and cards on its loop."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from pos_drivers.pcsc import PcscReaders

from hw_sim.bench.switchboard import Switchboard
from hw_sim.cards.inprocess import SimCardReaders
from hw_sim.device import BenchError, Place, Verb
from hw_sim.proofs.crash.ledger import Disk
from hw_sim.proofs.crash.points import Points
from pos_terminal.config import Config
from pos_terminal.core.interface import Interface
from pos_terminal.ports import (
    CardLink,
    Confirmation,
    DeviceState,
    Printer,
    PrinterStatus,
    Sink,
)
from pos_terminal.wiring import Devices, make_devices

_FIRST_LINES: Final = 6
"""So much of a slip is on paper ``inside`` its printing."""


def make(config: Config, sink: Sink, points: Points, disk: Disk, orders: Path) -> Devices:
    """For ``World.devices``: as the configuration says, but for cards, which come by order."""
    real = make_devices(config, sink)
    readers = _Readers(sink, points)
    others = tuple(device for device in real.all if not isinstance(device, PcscReaders))
    hand = Orders(orders, readers, points, disk)
    return Devices(readers, _Printer(real.printer, points), (readers, *others, hand))


class _Readers(SimCardReaders):
    def __init__(self, sink: Sink, points: Points) -> None:
        super().__init__(sink, answer_seconds=0.0)
        self._points = points

    async def connect(self, reader: str) -> CardLink:
        self._points.reach("card", "before")
        return await super().connect(reader)


class _Printer:
    """Fulfils ``ports.Printer`` by another one."""

    def __init__(self, inner: Printer, points: Points) -> None:
        self._inner, self._points = inner, points
        self.columns = inner.columns

    @property
    def status(self) -> PrinterStatus:
        return self._inner.status

    async def wait_ready(self) -> None:
        await self._inner.wait_ready()

    async def status_changed(self) -> None:
        await self._inner.status_changed()

    async def print(self, data: bytes, fence: int) -> Confirmation:
        self._points.reach("print", "before")
        if self._points.armed("print", "inside"):
            await self._inner.print(_beginning(data), fence)
            self._points.reach("print", "inside")
        end = await self._inner.print(data, fence)
        self._points.reach("print", "after")
        return end

    def print_anyway(self) -> None:
        self._inner.print_anyway()

    async def kick_drawer(self) -> None:
        self._points.reach("drawer", "before")
        await self._inner.kick_drawer()
        self._points.reach("drawer", "after")


def _beginning(data: bytes) -> bytes:
    """The first lines of a slip; they are text, so that each ends with its line feed."""
    lines = data.split(b"\n", _FIRST_LINES)
    return b"\n".join(lines[:_FIRST_LINES]) + b"\n"


class Orders:
    """Takes the bench's orders on a Unix socket. Fulfils both protocols named Device: the
    terminal runs it, and the switchboard finds its verbs.

    ``card insert|tap NAME``, ``card remove``; ``arm POINT…``; ``reached``; ``disk-mended``.
    """

    name = "orders"

    def __init__(self, socket: Path, readers: SimCardReaders, points: Points, disk: Disk) -> None:
        self._socket, self._readers, self._points, self._disk = socket, readers, points, disk

    async def run(self) -> None:
        self._socket.unlink(missing_ok=True)
        board = Switchboard([self])
        await board.open(self._socket)
        try:
            await asyncio.Event().wait()
        finally:
            await board.close()

    async def check(self) -> DeviceState:
        return DeviceState(self.name, True)

    async def start(self, place: Place) -> None:
        """Nothing: the terminal runs it."""

    async def stop(self) -> None: ...

    def endpoints(self) -> dict[str, object]:
        return {}

    def environment(self) -> dict[str, str]:
        return {}

    def verbs(self) -> Mapping[str, Verb]:
        return {
            "card": self._card,
            "arm": self._arm,
            "reached": self._reached,
            "disk-mended": self._mend,
        }

    async def _card(self, words: list[str]) -> None:
        match words:
            case ["insert", name]:
                self._readers.insert(name)
            case ["tap", name]:
                self._readers.tap(name)
            case ["remove"]:
                for interface in Interface:
                    self._readers.remove(interface)
            case _:
                raise BenchError("card insert NAME, card tap NAME, card remove")

    async def _arm(self, words: list[str]) -> None:
        for word in words:
            self._points.arm(word)

    async def _reached(self, words: list[str]) -> list[str]:
        del words
        return list(self._points.reached)

    async def _mend(self, words: list[str]) -> None:
        del words
        self._disk.mend()
