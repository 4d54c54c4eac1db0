"""The terminal's lines to the acquirer, in the same loop, with a moment before every byte."""

from __future__ import annotations

import asyncio
from asyncio import StreamReader, StreamWriter
from collections.abc import Callable
from contextvars import Context
from typing import Final

from hw_sim.acquirer.listener import InProcess
from hw_sim.proofs.simulation.wire import Wire
from pos_terminal.wire.iso8583.codec import Codec
from pos_terminal.wire.iso8583.errors import FrameError
from pos_terminal.wire.iso8583.framing import FrameReader
from pos_terminal.wire.iso8583.message import Message
from pos_terminal.wire.iso8583.profile import Profile

Moment = Callable[[str], None]
"""Told of a moment by its name; does not return where the process ends there."""
Streams = tuple[StreamReader, StreamWriter]


class Lines:
    """What lies between one process of the terminal and the acquirer.

    ``cut`` is what the kernel does when the process is gone: what was written still arrives.
    """

    def __init__(self, wires: InProcess, profile: Profile, moment: Moment, wire: Wire) -> None:
        """``wire`` is told what the connections did."""
        self._wires = wires
        self._wire = wire
        self._names = _Names(profile)
        self._moment = moment
        self._writers: list[StreamWriter] = []
        self.opened = 0
        self.written = 0
        """Bytes, on all connections."""

    async def connect(self, host: str, port: int) -> Streams:
        """As ``services.host.ports.Connect``."""
        self._moment("connect:before")
        # in a context of its own: the acquirer lives on when the terminal's process ends
        opening = asyncio.get_running_loop().create_task(
            self._wires.connect(host, port), context=Context()
        )
        try:
            reader, writer = await opening
        except OSError:
            self._wire.refused()
            raise
        self._wire.opened()
        self.opened += 1
        self._writers = [one for one in self._writers if not one.is_closing()]
        self._writers.append(writer)
        self._moment("connect:after")
        ear = _Ear(reader, self._names, self._moment, self._wire)
        return ear, _Mouth(reader, writer, self._names, self._moment, self._wire, count=self._count)

    def _count(self, written: int) -> None:
        self.written += written

    def cut(self) -> None:
        """Nothing more is written."""
        for writer in self._writers:
            writer.transport.abort()


class _Names:
    """What a moment is called: the function of the frame, ``refund`` or ``reversal``."""

    PART: Final = "bytes"

    def __init__(self, profile: Profile) -> None:
        self._profile = profile
        self._codec = Codec(profile)

    def of(self, data: bytes) -> str:
        """The last whole frame's function or message type; ``PART`` where there is none."""
        try:
            bodies = FrameReader(self._profile).feed(data)
            messages = [self._codec.decode(body).message for body in bodies]
        except FrameError:
            return self.PART
        return self._name(messages[-1]) if messages else self.PART

    def _name(self, message: Message) -> str:
        function = self._profile.function(message)
        return message.mti if function is None else function.value


class _Ear(StreamReader):
    """The terminal's end, reading: what came may be the last that it ever hears."""

    def __init__(self, inner: StreamReader, names: _Names, moment: Moment, wire: Wire) -> None:
        super().__init__()
        self._wire = wire
        self._inner = inner
        self._names = names
        self._moment = moment

    async def read(self, n: int = -1) -> bytes:
        try:
            data = await self._inner.read(n)
        except OSError:
            self._wire.ended()
            raise
        if data:
            name = self._names.of(data)
            self._moment(f"heard.{name}:before")
            if name != _Names.PART:
                self._wire.heard()
        else:
            self._wire.ended()
        return data

    def at_eof(self) -> bool:
        return self._inner.at_eof()


class _Mouth(StreamWriter):
    """The terminal's end, writing: before the first byte, in the middle, after the last."""

    def __init__(
        self,
        reader: StreamReader,
        inner: StreamWriter,
        names: _Names,
        moment: Moment,
        wire: Wire,
        *,
        count: Callable[[int], None],
    ) -> None:
        self._wire = wire
        self._count = count
        super().__init__(
            inner.transport,
            inner.transport.get_protocol(),
            reader,
            asyncio.get_running_loop(),
        )
        self._names = names
        self._moment = moment

    def write(self, data: bytes | bytearray | memoryview) -> None:
        whole = bytes(data)
        name = f"send.{self._names.of(whole)}"
        middle = len(whole) // 2
        self._moment(f"{name}:before")
        self._wire.sent()
        super().write(whole[:middle])
        self._count(middle)
        self._moment(f"{name}:half")
        super().write(whole[middle:])
        self._count(len(whole) - middle)
        self._moment(f"{name}:after")
