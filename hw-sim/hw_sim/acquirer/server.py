"""The acquirer on a byte stream: frames in, answers out, and what goes wrong on the way."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from msgspec.structs import replace

from hw_sim.acquirer.book import Book
from hw_sim.acquirer.faults import CONNECTION, Faults, make_fault
from hw_sim.acquirer.host import Host, Orders, Reply
from hw_sim.acquirer.log import Log
from hw_sim.acquirer.records import SaleRecord, Terminal
from pos_terminal.wire.iso8583.codec import Codec
from pos_terminal.wire.iso8583.errors import FrameError
from pos_terminal.wire.iso8583.framing import FrameReader
from pos_terminal.wire.iso8583.message import Message
from pos_terminal.wire.iso8583.profile import Function, Profile

_READ: Final = 4096
DECLINED: Final = "05"
Taken = Mapping[str, str | None]


@dataclass(frozen=True, slots=True)
class Delivery:
    """What goes back for one request: bytes, after a while, and perhaps the end of the line."""

    data: bytes = field(default=b"", repr=False)
    delay: float = 0.0
    close: bool = False
    later: Delivery | None = None
    """What comes behind it on the same line."""


class Acquirer:
    """One acquirer. ``exchange`` is pure but for its book; ``serve`` puts it on streams."""

    def __init__(
        self,
        profile: Profile,
        terminals: Iterable[Terminal],
        now: Callable[[], datetime],
        *,
        book: Book | None = None,
        entropy: Callable[[int], bytes] = secrets.token_bytes,
    ) -> None:
        self.profile = profile
        self.book = Book() if book is None else book
        self.faults = Faults()
        self.log = Log(now)
        self._codec = Codec(profile)
        self._entropy = entropy
        self.ahead = timedelta()
        """By how much its clock is wrong."""
        self._host = Host(self._codec, terminals, self.book, lambda: now() + self.ahead, entropy)
        self._links = 0
        self._writers: dict[asyncio.StreamWriter, None] = {}
        """In the order of their lines: a set has another one in each process."""

    # --- for the bench and the simulation ---

    def set_mode(
        self, text: str, count: int | None = None, on: Iterable[str] = (), *, also: bool = False
    ) -> None:
        """``normal``, or a mode of ``faults.MODES``. ModeError says what is wrong."""
        self.faults.set(make_fault(text, count, on), also=also)
        if self.faults.refusing:
            self.drop_connections()

    def add_sales(self, records: Iterable[SaleRecord]) -> int:
        return self.book.add_sales(records)

    def ledger(self) -> list[dict[str, Any]]:
        return self.book.ledger()

    def begin_batch(self, terminal_id: str, batch: str) -> None:
        """From now on this is the terminal's batch; older ones are answered with 77."""
        self._host.batch(terminal_id)
        self.book.set_batch(terminal_id, batch)

    def drop_connections(self) -> None:
        """Cut every line at once."""
        for writer in self._writers:
            writer.transport.abort()

    # --- one message ---

    def exchange(self, body: bytes, link: int = 0) -> Delivery:
        """The delivery for one request. FrameError for bytes that are no message."""
        decoded = self._codec.decode(body)
        request = decoded.message
        function = self.profile.function(request)
        kind = None if function is None else function.value
        taken = self.faults.take(kind) if kind else {}
        trust = self._codec.trust(decoded, self._host.mak(request.get(41)))
        self.log.message("in", link, request, function=kind, mac=trust, faults=taken)
        if "swallow" in taken:
            return Delivery()
        reply = self._host.answer(decoded, _orders(taken))
        if self._host.differs is not None:
            self.log.event(link, f"answered 30: {self._host.differs}")
        if reply is None:
            self.log.event(link, f"{request.mti} is no request of {self.profile.name}")
            return Delivery()
        return self._deliver(reply, taken, link, kind)

    def _deliver(self, reply: Reply, taken: Taken, link: int, kind: str | None) -> Delivery:
        regret = taken.get("regret")
        if regret is not None:
            said = {name: value for name, value in taken.items() if name != "regret"}
            first = self._deliver(reply, {"lie": DECLINED, **said}, link, kind)
            said.pop("lie", None)
            late = self._deliver(reply, said, link, kind)
            behind = Delivery(late.data, late.delay + float(regret), late.close)
            if not behind.delay:
                return Delivery(first.data + late.data, first.delay, late.close)
            return Delivery(first.data, first.delay, first.close, later=behind)
        message = _distorted(self.profile, reply.message, taken)
        mac = "valid" if reply.mak and message.mti != "0810" else "missing"
        mak = reply.mak
        if "wrong-mac" in taken:
            mak, mac = self._entropy(16), "wrong"
        elif "no-mac" in taken:
            mak, mac = None, "missing"
        frame = self._codec.encode(message, mak)
        delivery = _line(frame, taken)
        note = None if delivery.data == frame else f"{len(delivery.data)} of {len(frame)} bytes"
        self.log.message("out", link, message, function=kind, mac=mac, faults=taken, note=note)
        return delivery

    # --- one connection ---

    async def serve(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        faults: Taken | None = None,
    ) -> None:
        """Until the other side closes, garbage comes, or a fault cuts the line.

        ``faults`` are the connection's own, where its listener has taken them already.
        """
        if faults is None:
            faults = self.faults.take(CONNECTION)
        self._links += 1
        link = self._links
        self._writers[writer] = None
        late: dict[asyncio.Task[None], None] = {}
        try:
            if {"refuse", "close-after-accept"} & set(faults):
                self.log.event(link, "connection closed at once")
                return
            self.log.event(link, "connected")
            await self._talk(reader, writer, link, late)
        except FrameError as error:
            self.log.event(link, f"garbage: {error}")
        except OSError as error:
            self.log.event(link, f"line lost: {error}")
        finally:
            for task in late:
                task.cancel()
            del self._writers[writer]
            self.log.event(link, "closed")
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()

    async def _talk(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        link: int,
        late: dict[asyncio.Task[None], None],
    ) -> None:
        frames = FrameReader(self.profile)
        while data := await reader.read(_READ):
            for body in frames.feed(data):
                delivery = self.exchange(body, link)
                behind = [one for one in (delivery, delivery.later) if one and one.delay]
                for one in behind:
                    task = asyncio.create_task(_send_late(writer, one))
                    late[task] = None
                    task.add_done_callback(late.pop)
                if delivery.delay:
                    continue
                writer.write(delivery.data)
                await writer.drain()
                if delivery.close:
                    return
        if frames.half:
            self.log.event(link, "the line ended inside a frame")


async def _send_late(writer: asyncio.StreamWriter, delivery: Delivery) -> None:
    await asyncio.sleep(delivery.delay)
    with suppress(OSError):
        writer.write(delivery.data)
        await writer.drain()
        if delivery.close:
            writer.close()


def _orders(taken: Taken) -> Orders:
    limit = taken.get("partial")
    return Orders(
        forgetful="forgetful" in taken,
        code=taken.get("code"),
        limit=None if limit is None else int(limit),
        bad_check="bad-kcv" in taken,
    )


def _distorted(profile: Profile, message: Message, taken: Taken) -> Message:
    """The answer with the contents that faults change; its MAC is made after that."""
    changes: dict[int, str | None] = {}
    stan, amount, terminal = message.get(11), message.get(4), message.get(41)
    if "other-stan" in taken and stan is not None:
        changes[11] = f"{int(stan) % 999_999 + 1:06d}"
    if "wrong-amount" in taken and amount is not None:
        changes[4] = f"{int(amount) + 1:012d}"
    if "other-terminal" in taken and terminal is not None:
        changes[41] = terminal[::-1] if terminal != terminal[::-1] else "X" * len(terminal)
    if "other-card" in taken and (card := message.get(2)) is not None:
        changes[2] = f"{card[:-1]}{(int(card[-1]) + 1) % 10}"
    if "lie" in taken:
        changes |= {39: taken["lie"], 4: None}
    if "other-batch" in taken:
        changes[60] = _other_batch(profile, message)
    if "as-reversal" in taken:
        answer = profile.messages[Function.REVERSAL].answer
        message = Message(answer, message.fields, message.header, message.tpdu)
        changes[39] = taken["as-reversal"]
    message = message.with_fields(changes)
    demand = taken.get("demand")
    return (
        message
        if demand is None
        else replace(message, header=replace(message.header, demand=demand))
    )


def _other_batch(profile: Profile, message: Message) -> str | None:
    parts = profile.parts_60(message)
    if "batch" in parts:
        parts["batch"] = f"{int(parts['batch']) % 999_999 + 1:06d}"
    return "".join(parts.values()) or None


def _line(frame: bytes, taken: Taken) -> Delivery:
    """What of the frame goes out, when, and whether the line is cut then."""
    delay = float(taken.get("delay") or 0)
    if "drop-answer" in taken:
        return Delivery(delay=delay, close=True)
    if "half-frame" in taken:
        return Delivery(frame[: len(frame) // 2], delay, close=True)
    cut = taken.get("cut")
    if cut is not None:
        return Delivery(frame[: int(cut)], delay, close=True)
    return Delivery(frame * 2 if "two-answers" in taken else frame, delay)
