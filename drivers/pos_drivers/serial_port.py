"""A byte line to a device: a serial port or ``tcp://HOST:PORT``, its fd on the loop.

pyserial opens and configures (exclusive, 8N1, time-outs 0); bytes then move by ``os.read`` and
``os.write`` only: ``Serial.write`` spins at full load on a full port, and ``close`` can wait 30 s
for bytes that nobody takes. XON/XOFF is done here in software (``hold`` and ``release``), because
the kernel's would hold back the real-time commands as well.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Final, Protocol

from pos_drivers.outgoing import Outgoing
from pos_drivers.serial_system import (
    Flow,
    PortError,
    PortTrouble,
    close_late,
    close_tty,
    dial,
    error_text,
    off_loop,
    open_tty,
    output_queue,
)

__all__ = ["Flow", "OffLoop", "PortError", "PortTrouble", "SerialPort"]

OffLoop = Callable[[Callable[[], int]], Awaitable[int]]
"""Runs a call that may block where it can't hold up the loop; see ``off_loop``."""

READ_BYTES: Final = 4096
AHEAD_BYTES: Final = 64
"""How much may wait in the kernel: what is there already goes out in spite of an XOFF."""
FIRST_PAUSE: Final = 0.1
LONGEST_PAUSE: Final = 1.0
"""Seconds between two tries to open a port that is away."""


class Line(Protocol):
    """What a driver wants of a line that it writes to and hears from."""

    @property
    def address(self) -> str: ...
    @property
    def baud(self) -> int: ...
    @property
    def is_open(self) -> bool: ...
    @property
    def held(self) -> bool: ...
    @property
    def stuck(self) -> bool: ...
    @property
    def idle(self) -> bool: ...
    async def open(self) -> None: ...
    async def open_when_there(self, on_failure: Callable[[PortError], None]) -> None: ...
    def close(self) -> None: ...
    async def closed(self) -> None: ...
    def write(self, data: bytes) -> None: ...
    def write_urgent(self, data: bytes) -> None: ...
    def hold(self) -> None: ...
    def release(self) -> None: ...
    async def sent(self) -> None: ...


class SerialPort(Outgoing):
    """One line. Callbacks come on the loop; after ``on_lost`` it is closed and may be reopened."""

    def __init__(
        self,
        address: str,
        *,
        baud: int,
        on_bytes: Callable[[bytes], None],
        on_lost: Callable[[PortError], None],
        flow: Flow = "none",
        run: OffLoop | None = None,
    ) -> None:
        super().__init__()
        self.address = address
        self.baud = baud
        self._is_tcp = address.startswith("tcp://")
        self._flow = flow
        self._on_bytes, self._on_lost = on_bytes, on_lost
        self._run = run or off_loop
        self._fd: int | None = None
        self._closing: Awaitable[object] | None = None
        self._quiet_at = 0.0
        """When, by the baud rate, the last byte is on the wire (the loop's time)."""
        self._waking: asyncio.TimerHandle | None = None
        self._watching_write = False

    @property
    def is_open(self) -> bool:
        return self._fd is not None

    # --- opening and closing -----------------------------------------------------------------

    async def open(self) -> None:
        """Open once. Raises PortError, and leaves nothing open then."""
        if self._fd is not None:
            return
        closing, self._closing = self._closing, None
        if closing is not None:
            await closing  # the old descriptor holds the port's lock until it is really closed
        if self._is_tcp:
            fd = await dial(self.address)
        else:
            fd = await self._opened(
                asyncio.ensure_future(
                    self._run(partial(open_tty, self.address, self.baud, self._flow))
                )
            )
        self._fd = fd
        self._held = False
        asyncio.get_running_loop().add_reader(fd, self._readable)

    async def open_when_there(self, on_failure: Callable[[PortError], None]) -> None:
        """Try until it opens; pauses grow to a second. Each new kind of trouble is told once."""
        pause, told = FIRST_PAUSE, None
        while True:
            try:
                await self.open()
            except PortError as error:
                if error.trouble is not told:
                    told = error.trouble
                    on_failure(error)
            else:
                return
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)

    def close(self) -> None:
        """Give the line up at once; what was not yet sent is dropped. Never blocks."""
        fd, self._fd = self._fd, None
        if fd is None:
            return
        loop = asyncio.get_running_loop()
        loop.remove_reader(fd)
        loop.remove_writer(fd)
        if self._waking is not None:
            self._waking.cancel()
        self._waking, self._watching_write = None, False
        self._forget()
        if self._is_tcp:
            os.close(fd)
        else:
            self._closing = asyncio.ensure_future(self._run(partial(close_tty, fd)))

    async def closed(self) -> None:
        """After ``close``: until the system has let the port go, for an orderly end."""
        closing, self._closing = self._closing, None
        if closing is not None:
            await closing

    @staticmethod
    async def _opened(opening: asyncio.Future[int]) -> int:
        """The descriptor; where nobody waits for it any more, it is closed when it comes."""
        try:
            return await asyncio.shield(opening)
        except asyncio.CancelledError:
            opening.add_done_callback(close_late)
            raise

    # --- bytes in ----------------------------------------------------------------------------

    def _readable(self) -> None:
        assert self._fd is not None  # noqa: S101 - the reader goes with the descriptor
        try:
            data = os.read(self._fd, READ_BYTES)
        except (BlockingIOError, InterruptedError):
            return
        except OSError as error:
            self._lose(error_text(error))
            return
        if data:
            self._on_bytes(data)
        else:
            self._lose("end of file")

    def _lose(self, detail: str) -> None:
        self.close()
        self._on_lost(PortError(PortTrouble.LOST, self.address, detail))

    # --- bytes out ---------------------------------------------------------------------------

    def _go_on(self) -> None:
        if self._waking is None and not self._watching_write:
            self._send()

    def _send(self) -> None:
        while self._fd is not None and self._something_to_send():
            ahead = self._ahead(self._fd)
            if ahead > AHEAD_BYTES:
                self._later((ahead - AHEAD_BYTES // 2) * 10 / self.baud)
                return
            data = self._next()
            try:
                count = os.write(self._fd, data)
                self._begun = data[count:]
                self._count_sent(count)
            except (BlockingIOError, InterruptedError):
                self._begun = data
            except OSError as error:
                self._lose(error_text(error))
                return
            if self._begun:
                self._watch_write(True)
                return
        self._watch_write(False)
        self._note_empty()

    def _ahead(self, fd: int) -> float:
        """Bytes that are with the system and not yet on the wire.

        What the system says, or what the baud rate says: a pty and most USB adapters don't count.
        """
        if self._is_tcp:
            return 0
        on_the_wire = self._quiet_at - asyncio.get_running_loop().time()
        return max(output_queue(fd), on_the_wire * self.baud / 10)

    def _count_sent(self, count: int) -> None:
        now = asyncio.get_running_loop().time()
        self._quiet_at = max(now, self._quiet_at) + count * 10 / self.baud

    def _later(self, seconds: float) -> None:
        self._watch_write(False)
        self._waking = asyncio.get_running_loop().call_later(max(seconds, 0.001), self._woken)

    def _woken(self) -> None:
        self._waking = None
        self._send()

    def _watch_write(self, on: bool) -> None:
        if self._fd is None or on == self._watching_write:
            return
        self._watching_write = on
        loop = asyncio.get_running_loop()
        if on:
            loop.add_writer(self._fd, self._send)
        else:
            loop.remove_writer(self._fd)
