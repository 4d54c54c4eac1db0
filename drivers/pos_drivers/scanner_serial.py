"""A scanner on a serial or USB-CDC port. Nothing is ever written to it, not even to probe."""

from __future__ import annotations

import asyncio
from typing import Final

from pos_drivers.scanner_silence import SilenceTimer, post
from pos_drivers.serial_port import FIRST_PAUSE, PortError, PortTrouble, SerialPort
from pos_terminal.core.words import Words, say
from pos_terminal.ports import DeviceState, Sink
from pos_terminal.wire.line_scan import LineScan

_KEYS: Final = {
    PortTrouble.MISSING: "input.missing",
    PortTrouble.LOST: "input.missing",
    PortTrouble.UNREACHABLE: "input.missing",
    PortTrouble.BUSY: "input.port_busy",
    PortTrouble.DENIED: "input.denied",
    PortTrouble.NOT_A_PORT: "input.not_port",
}


class SerialScanner:
    """The device ``scanner`` on a serial port; ``scan`` knows how it sends. A ports.Device."""

    name = "scanner"

    def __init__(
        self, path: str, sink: Sink, *, baud: int = 9600, scan: LineScan | None = None
    ) -> None:
        self._path = path
        self._baud = baud
        self._sink = sink
        self._scan = scan or LineScan()
        self._timer = SilenceTimer(self._scan, sink)
        self._gone = asyncio.Event()

    async def run(self) -> None:
        port = SerialPort(
            self._path, baud=self._baud, on_bytes=self._bytes, on_lost=lambda _: self._gone.set()
        )
        try:
            while True:
                self._gone.clear()
                await port.open_when_there(lambda error: self._tell(False, _words(error)))
                self._tell(True, say("input.port_found", path=self._path, baud=self._baud))
                await self._gone.wait()
                self._timer.stop()
                post(self._sink, self._scan.lost())
                self._tell(False, say("input.missing", path=self._path))
                await asyncio.sleep(FIRST_PAUSE)
        finally:
            self._timer.stop()
            port.close()

    async def check(self) -> DeviceState:
        port = SerialPort(
            self._path, baud=self._baud, on_bytes=lambda _: None, on_lost=lambda _: None
        )
        try:
            await port.open()
        except PortError as error:
            return DeviceState(self.name, False, _words(error))
        port.close()
        await port.closed()
        return DeviceState(
            self.name, True, say("input.port_found", path=self._path, baud=self._baud)
        )

    def _bytes(self, data: bytes) -> None:
        for result in self._scan.feed(data):
            post(self._sink, result)
        self._timer.restart()

    def _tell(self, up: bool, words: Words) -> None:
        self._sink(DeviceState(self.name, up, words))


def _words(error: PortError) -> Words:
    return say(_KEYS[error.trouble], path=error.address, cause=error.detail)
