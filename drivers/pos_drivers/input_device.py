"""One supervised input device: opens itself, reports its loss, comes back by itself."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from typing import Final, Protocol

from pos_drivers.input_holder import holder_of
from pos_drivers.input_identity import InputNode
from pos_drivers.input_node import open_node
from pos_terminal.core.words import Failure, Words, say
from pos_terminal.ports import DeviceState, Sink
from pos_terminal.wire.input_event import RECORD_BYTES, InputRecord, RecordReader

Opener = Callable[[str, str | None], InputNode]

FIRST_PAUSE: Final = 0.1
LONGEST_PAUSE: Final = 1.0
"""Seconds between two tries to open a device that is away; nothing wakes up while it is there."""
_READ_BYTES: Final = 64 * RECORD_BYTES


class Listener(Protocol):
    """Takes the records of one device."""

    def records(self, records: list[InputRecord]) -> None: ...

    def lost(self) -> None:
        """The device is gone; what it had begun will not be ended."""


class InputDevice:
    """Fulfils ``ports.Device``. Bound by path and, with ``expected_id``, by vendor and product."""

    def __init__(
        self,
        name: str,
        path: str,
        sink: Sink,
        listener: Listener,
        *,
        expected_id: str | None = None,
        opener: Opener = open_node,
    ) -> None:
        self.name = name
        self._path = path
        self._sink = sink
        self._listener = listener
        self._expected_id = expected_id
        self._opener = opener
        self._reader = RecordReader()
        self._told: DeviceState | None = None

    async def run(self) -> None:
        pause = FIRST_PAUSE
        while True:
            try:
                node = self._opener(self._path, self._expected_id)
            except Failure as failure:
                self._tell(False, await self._explained(failure.words))
                await asyncio.sleep(pause)
                pause = min(2 * pause, LONGEST_PAUSE)
                continue
            pause = FIRST_PAUSE
            self._tell(True, _found(node))
            await self._serve(node)
            self._tell(False, say("input.missing", path=self._path))
            self._listener.lost()
            await asyncio.sleep(pause)

    async def check(self) -> DeviceState:
        try:
            node = self._opener(self._path, self._expected_id)
        except Failure as failure:
            return DeviceState(self.name, False, await self._explained(failure.words))
        node.close()
        return DeviceState(self.name, True, _found(node))

    async def _explained(self, words: Words) -> Words:
        """With the holder's name where the device is taken; looked up once, off the loop."""
        if words.code != "input.busy":
            return words
        if self._told is not None and self._told.words and self._told.words.code == words.code:
            return self._told.words
        holder = await asyncio.to_thread(holder_of, self._path)
        return say("input.busy", path=self._path, holder=holder or "?")

    async def _serve(self, node: InputNode) -> None:
        """Until the device is gone. Its fd leaves the loop at once, or it would spin."""
        loop = asyncio.get_running_loop()
        gone: asyncio.Future[None] = loop.create_future()
        self._reader.reset()
        loop.add_reader(node.fd, self._readable, node.fd, gone)
        try:
            await gone
        finally:
            loop.remove_reader(node.fd)
            node.close()

    def _readable(self, fd: int, gone: asyncio.Future[None]) -> None:
        try:
            data = os.read(fd, _READ_BYTES)
        except (BlockingIOError, InterruptedError):
            return
        except OSError:  # ENODEV, and EIO from some drivers
            data = b""
        if data:
            self._listener.records(self._reader.feed(data))
        else:
            asyncio.get_running_loop().remove_reader(fd)
            if not gone.done():
                gone.set_result(None)

    def _tell(self, up: bool, words: Words) -> None:
        state = DeviceState(self.name, up, words)
        if state != self._told:
            self._told = state
            self._sink(state)


def _found(node: InputNode) -> Words:
    identity = node.identity
    return say("input.found", path=identity.path, name=identity.name, id=identity.id or "-")
