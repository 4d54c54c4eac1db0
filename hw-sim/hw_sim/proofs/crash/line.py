"""Points on the line to the acquirer: before, within and behind each message."""

from __future__ import annotations

from asyncio import StreamReader, StreamWriter
from contextlib import suppress
from typing import Any, Final, cast

from hw_sim.proofs.crash.points import Points
from pos_terminal.services.host.ports import Connect
from pos_terminal.wire.iso8583.codec import Codec
from pos_terminal.wire.iso8583.framing import FrameReader
from pos_terminal.wire.iso8583.profile import Profile

DROP_LINE: Final = "drop-line"
"""Every connection to the acquirer breaks now, on our side."""


class Lines:
    """Opens connections that pass points."""

    def __init__(self, points: Points, profile: Profile) -> None:
        self._points = points
        self._profile = profile
        self._open: list[StreamWriter] = []
        points.offer(DROP_LINE, self._drop)

    def through(self, connect: Connect) -> Connect:
        """For ``World.connect``."""

        async def opened(host: str, port: int) -> tuple[StreamReader, StreamWriter]:
            reader, writer = await connect(host, port)
            self._open.append(writer)
            talk = _Talk(self._points, self._profile)
            return (
                cast(StreamReader, _Reader(reader, talk)),
                cast(StreamWriter, _Writer(writer, talk)),
            )

        return opened

    def _drop(self) -> None:
        for writer in self._open:
            with suppress(AttributeError):  # Python 3.11.2: a TLS transport that has ended
                writer.transport.abort()
        self._open.clear()


class _Talk:
    """What goes on on one connection."""

    def __init__(self, points: Points, profile: Profile) -> None:
        self.points = points
        self._profile = profile
        self._codec = Codec(profile)
        self.asked: str | None = None
        """The message whose answer has not begun to arrive."""

    def name(self, frame: bytes) -> str:
        """The MTI of a whole frame."""
        [body] = FrameReader(self._profile).feed(frame)
        return self._codec.decode(body).message.mti


class _Writer:
    """A StreamWriter whose writes pass points; the rest is the inner one's."""

    def __init__(self, inner: StreamWriter, talk: _Talk) -> None:
        self._inner, self._talk = inner, talk

    def write(self, frame: bytes) -> None:
        points, name = self._talk.points, self._talk.name(frame)
        points.reach(name, "before")
        if points.armed(name, "first-byte"):
            self._inner.write(frame[:1])
            points.reach(name, "first-byte")
            frame = frame[1:]
        self._talk.asked = name
        self._inner.write(frame)
        points.reach(name, "sent")

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)


class _Reader:
    """A StreamReader whose first bytes after a message are its answer's."""

    def __init__(self, inner: StreamReader, talk: _Talk) -> None:
        self._inner, self._talk = inner, talk

    async def read(self, count: int) -> bytes:
        data = await self._inner.read(count)
        if data and self._talk.asked is not None:
            name, self._talk.asked = self._talk.asked, None
            self._talk.points.reach(name, "answered")
        return data

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)
