"""The printer's two lines: a pseudo-terminal at a link, and a TCP port."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
import struct
import termios
import tty
from pathlib import Path
from typing import Final

from hw_sim.printer.engine import Printer

_SPEEDS: Final = {
    getattr(termios, name): int(name[1:])
    for name in dir(termios)
    if name.startswith("B") and name[1:].isdigit() and name != "B0"
}
READ_BYTES: Final = 512
TICK_BYTES: Final = 32
"""Bytes that are read at a time; then the line rests for as long as they take on a wire."""
LATE_SECONDS: Final = 0.02
"""How long before it is seen the first of them may have come over the wire."""


class PtyLine:
    """The serial port. Bytes come no faster than the host's own baud rate lets them."""

    def __init__(self, printer: Printer, link: Path) -> None:
        self._link = link
        self._master: int | None = None
        self._slave: int | None = None
        self.port = printer.port(self._send, flow=True)
        """The printer's own end; it outlives the adapter, with what is in its buffer."""
        self._resting: asyncio.TimerHandle | None = None
        self._due = 0.0
        """When the bytes read so far have come over the wire, by the loop's clock."""

    @property
    def unread(self) -> int:
        """Bytes that the kernel has brought from the host's end and nobody has looked at."""
        assert self._master is not None  # asked of a line that is plugged in
        return int(struct.unpack("i", fcntl.ioctl(self._master, termios.FIONREAD, bytes(4)))[0])

    def plug(self) -> None:
        """A new device at the same link."""
        if self._master is not None:
            return
        self._master, self._slave = os.openpty()
        tty.setraw(self._slave)
        os.set_blocking(self._master, False)
        self.port.host_came()
        self._point_at(os.ttyname(self._slave))
        asyncio.get_running_loop().add_reader(self._master, self._readable)

    def unplug(self) -> None:
        """Hang-up for the host, and the path is gone."""
        if self._master is None or self._slave is None:
            return
        asyncio.get_running_loop().remove_reader(self._master)
        if self._resting is not None:
            self._resting.cancel()
            self._resting = None
        self._link.unlink(missing_ok=True)
        os.close(self._slave)
        os.close(self._master)
        self._master = self._slave = None

    def _point_at(self, target: str) -> None:
        new = self._link.with_name(self._link.name + ".new")
        new.unlink(missing_ok=True)
        new.symlink_to(target)
        new.replace(self._link)

    def _readable(self) -> None:
        """The first bytes after a silence."""
        assert self._master is not None  # the reader goes with the descriptor
        loop = asyncio.get_running_loop()
        loop.remove_reader(self._master)
        self._due = max(self._due, loop.time() - LATE_SECONDS)
        self._read(self._master, behind=False)

    def _rested(self) -> None:
        self._resting = None
        if self._master is not None:
            self._read(self._master, behind=True)

    def _read(self, master: int, *, behind: bool) -> None:
        """All that has come over the wire by now: a wire is never late, however busy this machine
        is. ``behind``: it is read later than it came, and an XOFF will be as late."""
        loop, rate = asyncio.get_running_loop(), self._baud() / 10
        now = loop.time()
        while self._due <= now:
            try:
                data = os.read(master, TICK_BYTES)
            except BlockingIOError:
                loop.add_reader(master, self._readable)
                return
            late = max(0.0, now - self._due) if behind else 0.0
            self._due += len(data) / rate
            self.port.receive(data, late=round(late * rate))
            if self.port.stopped:
                self._due = max(self._due, now)  # nothing is made up for that was told to wait
        self._resting = loop.call_at(self._due, self._rested)

    def _baud(self) -> int:
        """As the host set it: both ends of a pseudo-terminal share their settings."""
        assert self._master is not None
        return _SPEEDS.get(termios.tcgetattr(self._master)[5], 115200)

    def _send(self, data: bytes) -> None:
        if self._master is not None:
            with contextlib.suppress(BlockingIOError):  # nobody listens: lost, as on a wire
                os.write(self._master, data)


class TcpLine:
    """The network port. There is no XOFF: a full buffer stops the reading."""

    def __init__(self, printer: Printer, host: str = "127.0.0.1") -> None:
        self._printer, self._host = printer, host
        self._server: asyncio.Server | None = None
        self._guests: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self.number = 0
        """The port's number; kept over unplugging."""

    @property
    def address(self) -> str:
        return f"{self._host}:{self.number}"

    async def plug(self) -> None:
        if self._server is None:
            self._server = await asyncio.start_server(self._guest, self._host, self.number)
            self.number = self._server.sockets[0].getsockname()[1]

    def pull(self) -> None:
        """Drops its connections and takes no more."""
        server, self._server = self._server, None
        if server is not None:
            server.close()
            for writer in list(self._guests):
                writer.transport.abort()

    async def unplug(self) -> None:
        """As ``pull``, and until what it had in hand has ended."""
        self.pull()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _guest(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        port = self._printer.port(writer.write, flow=False)
        task = asyncio.current_task()
        assert task is not None  # a coroutine runs in one
        self._tasks.add(task)
        self._guests.add(writer)
        try:
            while data := await reader.read(READ_BYTES):
                port.receive(data)
                await port.until_room(READ_BYTES)
        except (ConnectionError, asyncio.CancelledError):
            pass
        finally:
            self._guests.discard(writer)
            writer.close()
            with contextlib.suppress(asyncio.CancelledError):
                await port.until_printed()  # what it sent is still printed
            self._tasks.discard(task)
            self._printer.drop(port)
