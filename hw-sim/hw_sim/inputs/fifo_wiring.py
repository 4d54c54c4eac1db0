"""Without kernel devices and without umockdev: FIFOs that carry the same records."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
from collections.abc import Sequence
from pathlib import Path

from hw_sim.device import BenchError, Place
from hw_sim.inputs.packets import Packet, encode
from hw_sim.inputs.wiring import nobody_reads


class FifoWiring:
    """``DIR/inputs/NAME``. The driver's opening, identifying and grabbing are not exercised."""

    how = "fifo"

    def __init__(self) -> None:
        self._folder = Path()
        self._writers: dict[str, int] = {}

    async def start(self, place: Place) -> None:
        self._folder = place.folder.resolve() / "inputs"
        self._folder.mkdir(exist_ok=True)

    async def stop(self) -> None:
        for name in list(self._writers):
            self._hang_up(name)
        for path in self._folder.iterdir():
            path.unlink()
        self._folder.rmdir()

    def path(self, name: str) -> str:
        return str(self._folder / name)

    def environment(self) -> dict[str, str]:
        return {}

    async def plug(self, name: str) -> None:
        path = self._folder / name
        path.unlink(missing_ok=True)
        os.mkfifo(path, 0o600)

    async def unplug(self, name: str) -> None:
        """The path goes first: the reader, who sees the end of file, must not find it again."""
        with contextlib.suppress(BenchError):
            self._writer(name)  # a reader notices the end only if somebody has been writing
        (self._folder / name).unlink()
        self._hang_up(name)

    async def type(self, name: str, packets: Sequence[Packet]) -> None:
        data = encode(packets)
        while data:
            try:
                data = data[os.write(self._writer(name), data) :]
            except BlockingIOError:
                await _room(self._writer(name))
            except BrokenPipeError:  # that reader is gone; perhaps there is a new one
                self._hang_up(name)

    def _writer(self, name: str) -> int:
        """Kept open: each closing looks like an unplugged device to the reader."""
        if name not in self._writers:
            try:
                self._writers[name] = os.open(self.path(name), os.O_WRONLY | os.O_NONBLOCK)
            except OSError as error:
                if error.errno != errno.ENXIO:
                    raise
                raise BenchError(nobody_reads(name)) from None
        return self._writers[name]

    def _hang_up(self, name: str) -> None:
        fd = self._writers.pop(name, None)
        if fd is not None:
            os.close(fd)


async def _room(fd: int) -> None:
    """Until the pipe takes more. BenchError after five seconds: the reader hangs."""
    loop = asyncio.get_running_loop()
    free: asyncio.Future[None] = loop.create_future()
    loop.add_writer(fd, _settle, free)
    try:
        async with asyncio.timeout(5):
            await free
    except TimeoutError:
        raise BenchError("the terminal does not read its keys") from None
    finally:
        loop.remove_writer(fd)


def _settle(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)
