"""The line to the acquirer: connections, whole frames, and who waits for which answer.

The one thing that must never be guessed here is whether bytes may have left. ``NotSent`` means
surely none did; every other end of an exchange is ``NoAnswer``, and its outcome is unknown.
"""

from __future__ import annotations

import asyncio
import logging
import ssl
from asyncio import StreamReader, StreamWriter
from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Final, Protocol

from msgspec import Struct

from pos_terminal.core.line_state import LineState
from pos_terminal.core.words import Failure, say
from pos_terminal.services.host import loop_time
from pos_terminal.services.host.seen import Seen
from pos_terminal.wire.iso8583.codec import Decoded
from pos_terminal.wire.iso8583.errors import FrameError

if TYPE_CHECKING:
    from pos_terminal.services.host.ports import Connect

log = logging.getLogger(__name__)

READ_BYTES: Final = 4096
UNUSED_SECONDS: Final = 30.0
"""How long a connection for one message is kept for a message that does not come."""
LINGER_SECONDS: Final = 300.0
"""How long a connection is kept for a late answer, and"""
LINGERING: Final = 4
"""how many of them at once."""
AVOID_SECONDS: Final = 300.0
"""How long an address that couldn't be reached is tried last."""
SETTLE_SECONDS: Final = 0.5
"""A connection that proves the line still stands after so long: with TLS 1.3 a certificate is
refused only once the client thinks that all is done, and a front takes what its host does not."""
SILENT_AFTER: Final = 1.0
"""Seconds of waiting below which no answer proves no silence."""


class NotSent(Exception):
    """Surely no byte of the message was written."""


class Silence(StrEnum):
    """Why there is no answer."""

    TIMEOUT = "no_answer"
    LOST = "line_lost"


class NoAnswer(Exception):
    """The message may have arrived, and its answer did not."""

    def __init__(self, silence: Silence) -> None:
        super().__init__(silence.value)
        self.silence = silence


class Frames(Protocol):
    """Cuts a byte stream into message bodies; bounded."""

    def feed(self, data: bytes) -> list[bytes]:
        """The bodies completed by ``data``. Raises FrameError."""


class Address(Struct, frozen=True):
    host: str
    port: int

    @classmethod
    def parse(cls, text: str) -> Address:
        """``host:port``, IPv6 in brackets. Failure ``host.address``."""
        host, _, port = text.rpartition(":")
        if not host or not port.isdecimal() or not 0 < int(port) < 65536:
            raise Failure("host.address", address=text)
        return cls(host.strip("[]"), int(port))

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


Matches = Callable[[Decoded], bool]


class _Waiter(Struct, eq=False):
    line: Connection
    wanted: Matches
    answer: asyncio.Future[Decoded]


class Connection:
    """One open connection. Bodies go to ``arrived`` as they come; its end to ``lost``."""

    def __init__(
        self,
        streams: tuple[StreamReader, StreamWriter],
        frames: Frames,
        arrived: Callable[[bytes], None],
        lost: Callable[[Connection], None],
    ) -> None:
        self._reader, self._writer = streams
        self._frames = frames
        self._arrived = arrived
        self._lost = lost
        self._timer: asyncio.TimerHandle | None = None
        self.owes_answer = False
        """Something was asked on it, and nobody waits for the answer any more."""
        self._task = asyncio.create_task(self._read(), name="acquirer line")
        self._task.add_done_callback(self._ended)

    @property
    def usable(self) -> bool:
        """Whether nothing is known that speaks against writing."""
        return not (self._task.done() or self._writer.is_closing() or self._reader.at_eof())

    async def stands(self, seconds: float) -> bool:
        """Whether the other side leaves it open for so long."""
        await asyncio.wait({self._task}, timeout=seconds)
        return self.usable

    def write(self, frame: bytes) -> None:
        """Hand the whole frame to the line. NotSent where the connection had ended before."""
        if not self.usable:
            raise NotSent
        self._writer.write(frame)

    def close(self) -> None:
        self.keep()
        self._task.cancel()
        self._writer.close()

    def close_after(self, seconds: float) -> None:
        """Close later, unless ``keep`` is called."""
        self.keep()
        self._timer = asyncio.get_running_loop().call_later(seconds, self.close)

    def keep(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    async def _read(self) -> None:
        try:
            while data := await self._reader.read(READ_BYTES):
                for body in self._frames.feed(data):
                    self._arrived(body)
        except FrameError as error:
            log.warning("the acquirer's line carries no frames: %s", error)
        except OSError as error:
            log.info("the acquirer's line broke: %s", error)

    def _ended(self, _: asyncio.Task[None]) -> None:
        self.keep()
        self._writer.close()
        self._lost(self)


class Link:
    """All connections to the acquirer, for one message each or one for many.

    ``stray`` gets every decoded frame that nobody waits for: late answers among them.
    """

    def __init__(
        self,
        *,
        addresses: Sequence[str],
        connect: Connect,
        frames: Callable[[], Frames],
        decode: Callable[[bytes], Decoded],
        per_message: bool,
        connect_seconds: float,
    ) -> None:
        self._addresses = [Address.parse(text) for text in addresses]
        self._connect = connect
        self._frames = frames
        self._decode = decode
        self._per_message = per_message
        self._connect_seconds = connect_seconds
        self._avoid: dict[Address, float] = {}
        self._ready: Connection | None = None
        self._opening = asyncio.Lock()
        self._lines: list[Connection] = []
        self._waiters: list[_Waiter] = []
        self.stray: Callable[[Decoded], None] = lambda _: None
        self.seen = Seen()

    @property
    def addresses(self) -> int:
        """How many there are to try."""
        return len(self._addresses)

    @property
    def connected(self) -> bool:
        """Whether a connection stands or, with one for each message, could be had last time."""
        return self.seen.state in (LineState.UP, LineState.SILENT)

    async def acquire(self, seconds: float | None = None) -> Connection:
        """A line for the next message, within so many seconds an address, or the profile's.
        Failure ``host.not_sent`` or ``host.identity``.

        With one connection for each message the line belongs to the caller, who uses it in one
        ``exchange`` or gives it back by ``release``.
        """
        if self._per_message:
            line, self._ready = self._ready, None
            if line is None or not line.usable:
                line = await self._open(seconds)
            line.keep()
            return line
        async with self._opening:
            if self._ready is None or not self._ready.usable:
                self._ready = await self._open(seconds)
            return self._ready

    def release(self, line: Connection) -> None:
        """Give back a line that was not used; it is kept a while for the next message."""
        if not self._per_message:
            return
        if self._ready is not None or not line.usable:
            line.close()
            return
        line.close_after(UNUSED_SECONDS)
        self._ready = line

    async def prove(self, seconds: float, *, instead: bool = False) -> None:
        """Open another connection, within so many seconds an address: it stands ready from then
        on, since nothing shows that an old one still leads anywhere. Failure as ``acquire``,
        and then the old one is not written to either.

        ``instead``: an echo on the old one was in vain, and the acquirer may take one at a time. It
        goes first, where no answer is to come on it; else where it may be what keeps us out.
        """
        async with self._opening:
            if instead and not self._owed:
                self._put_away()
            try:
                line = await self._open(seconds, proving=True)
            except Failure:
                self._put_away(for_good=instead)
                raise
            self._put_away()
            self._ready = line
            if self._per_message:
                line.close_after(UNUSED_SECONDS)

    @property
    def _owed(self) -> bool:
        """Whether an answer may still come on the connection that stands ready."""
        return self._ready is not None and (self._ready.owes_answer or self._is_waited_on)

    @property
    def _is_waited_on(self) -> bool:
        return any(waiter.line is self._ready for waiter in self._waiters)

    def _put_away(self, *, for_good: bool = False) -> None:
        """The connection that stood ready is not used any more; a late answer may still come, but
        ``for_good`` it is not waited for where nobody waits."""
        kept = self._is_waited_on if for_good else self._owed
        line, self._ready = self._ready, None
        if line is None:
            return
        if kept:
            line.close_after(LINGER_SECONDS)
        else:
            line.close()

    async def exchange(
        self,
        line: Connection,
        frame: bytes,
        wanted: Matches,
        seconds: float,
        *,
        sent: Callable[[], None] = lambda: None,
        late: bool = True,
    ) -> Decoded:
        """Write the frame and wait for the answer that ``wanted`` takes. NotSent or NoAnswer.

        ``sent`` is called as soon as it is written: what it does costs the customer no time.
        ``late``: an answer that comes after that is worth a connection kept for it.
        """
        waiter = _Waiter(line, wanted, asyncio.get_running_loop().create_future())
        asked_at = loop_time.now()
        line.write(frame)
        self._waiters.append(waiter)
        silent = True
        try:
            sent()
            async with asyncio.timeout(seconds):
                answer = await waiter.answer
            silent = False
            return answer
        except TimeoutError:
            if waiter.answer.cancelled():
                if seconds >= SILENT_AFTER and not self.seen.told_since(asked_at):
                    self.seen.silent(say("host.no_reply", cause=Silence.TIMEOUT.value))
                raise NoAnswer(Silence.TIMEOUT) from None
            # it came in the turn of the loop in which the time was over
            answer = waiter.answer.result()
            silent = False
            return answer
        finally:
            self._waiters.remove(waiter)
            owes = silent and late
            line.owes_answer = line.owes_answer or owes
            if self._per_message:
                self._retire(line, owes)

    def stop_waiting(self, line: Connection) -> None:
        """Who waits for an answer on this line does so no longer: it may come late."""
        for waiter in self._waiters:
            if waiter.line is line and not waiter.answer.done():
                waiter.answer.set_exception(NoAnswer(Silence.TIMEOUT))

    def close(self) -> None:
        """Close every connection; exchanges end as NoAnswer."""
        for line in list(self._lines):
            line.close()

    def _retire(self, line: Connection, owes: bool) -> None:
        """A used connection: closed, or kept for its late answer."""
        if not owes or not line.usable:
            line.close()
            return
        line.close_after(LINGER_SECONDS)
        for oldest in self._lines[:-LINGERING]:
            if all(waiter.line is not oldest for waiter in self._waiters):
                oldest.close()

    async def _open(self, seconds: float | None = None, *, proving: bool = False) -> Connection:
        """``seconds``: the most for one address, where the profile gives it more. ``proving``: it
        counts only if it stands a while."""
        most = min(seconds or self._connect_seconds, self._connect_seconds)
        now = loop_time.now()
        failure: Failure | None = None
        for address in sorted(self._addresses, key=lambda one: self._avoid.get(one, 0) > now):
            try:
                async with asyncio.timeout(most):
                    streams = await self._connect(address.host, address.port)
            except OSError as error:  # TimeoutError and SSLError are among them
                if address not in self._avoid:
                    log.info("acquirer at %s: %s", address, _cause(error))
                self._avoid[address] = now + AVOID_SECONDS
                failure = _failure(address, error)
                continue
            line = Connection(streams, self._frames(), self._arrived, self._lost)
            self._lines.append(line)
            if proving and not await self._stands(line):
                self._avoid[address] = now + AVOID_SECONDS
                failure = Failure("host.dropped_at_once", address=str(address))
                continue
            self._avoid.pop(address, None)
            self.seen.connected()
            return line
        assert failure is not None  # noqa: S101 - the configuration has at least one address
        self.seen.down(failure.words)
        raise failure

    async def _stands(self, line: Connection) -> bool:
        try:
            return await line.stands(SETTLE_SECONDS)
        except BaseException:
            line.close()
            raise

    def _arrived(self, body: bytes) -> None:
        try:
            decoded = self._decode(body)
        except FrameError as error:
            log.warning("a frame that is no message: %s", error)
            return
        self.seen.answered()
        for waiter in self._waiters:
            if not waiter.answer.done() and waiter.wanted(decoded):
                waiter.answer.set_result(decoded)
                return
        self.stray(decoded)

    def _lost(self, line: Connection) -> None:
        self._lines.remove(line)
        needed = line is self._ready and not self._per_message
        if self._ready is line:
            self._ready = None
        for waiter in self._waiters:
            if waiter.line is line and not waiter.answer.done():
                waiter.answer.set_exception(NoAnswer(Silence.LOST))
                needed = True
        if needed:
            self.seen.ended(say("host.line_ended"))


def _failure(address: Address, error: OSError) -> Failure:
    key = "host.identity" if isinstance(error, ssl.SSLError) else "host.not_sent"
    return Failure(key, address=str(address), cause=_cause(error))


def _cause(error: OSError) -> str:
    """The technician's words: what the certificate lacks, rather than OpenSSL's source line."""
    for name in ("verify_message", "reason"):
        told = getattr(error, name, None)
        if told:
            return str(told)
    return error.strerror or str(error) or type(error).__name__
