"""A terminal's end of the line in its simplest form: to try an acquirer, ours or another's."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from hw_sim.acquirer.records import Terminal
from pos_terminal.wire.iso8583 import requests
from pos_terminal.wire.iso8583.codec import Codec, Decoded
from pos_terminal.wire.iso8583.framing import FrameReader
from pos_terminal.wire.iso8583.keys import SessionKeys, parse_keys
from pos_terminal.wire.iso8583.message import Message
from pos_terminal.wire.iso8583.profile import Profile
from pos_terminal.wire.iso8583.requests import SignOnRequest, Station

Opened = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Caller:
    """One connection with its session keys. No time-outs, no repeats, no ledger."""

    def __init__(self, profile: Profile, terminal: Terminal) -> None:
        self.profile = profile
        self.terminal = terminal
        self.codec = Codec(profile)
        self.keys: SessionKeys | None = None
        self._frames = FrameReader(profile)
        self._waiting: list[bytes] = []
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    @property
    def station(self) -> Station:
        own = self.terminal
        return Station(
            terminal_id=own.terminal_id,
            merchant_id=own.merchant_id,
            batch=own.batch,
            tpdu=own.tpdu,
        )

    @property
    def mak(self) -> bytes | None:
        return None if self.keys is None else self.keys.mak

    async def connect(self, opening: Callable[[], Awaitable[Opened]]) -> None:
        """A new line; what came on an older one is dropped."""
        self.close()
        self._frames = FrameReader(self.profile)
        self._waiting.clear()
        self._reader, self._writer = await opening()

    def close(self) -> None:
        if self._writer is not None:
            self._writer.close()

    async def ask(self, request: Message) -> Decoded:
        """Send and wait for the next message. EOFError where the line ends before it."""
        await self.send(self.codec.encode(request, self.mak))
        return await self.receive()

    async def send(self, data: bytes) -> None:
        assert self._writer is not None, "connect first"  # a mistake of the caller
        self._writer.write(data)
        await self._writer.drain()

    async def receive(self) -> Decoded:
        """The next message of the line. EOFError at its end, FrameError for garbage."""
        assert self._reader is not None, "connect first"  # a mistake of the caller
        while not self._waiting:
            data = await self._reader.read(4096)
            if not data:
                raise EOFError("the line ended" + (" inside a frame" if self._frames.half else ""))
            self._waiting += self._frames.feed(data)
        return self.codec.decode(self._waiting.pop(0))

    async def sign_on(self, stan: str = "000001") -> Decoded:
        """Sign on and take the keys. KeyExchangeError keeps the old ones."""
        own = self.terminal
        request = requests.sign_on(
            self.profile,
            SignOnRequest(
                terminal_id=own.terminal_id,
                merchant_id=own.merchant_id,
                batch=own.batch,
                tpdu=own.tpdu,
                stan=stan,
                variant=own.key_exchange,
            ),
        )
        answer = await self.ask(request)
        if answer.message.get(39) == "00":
            field_62 = answer.message.get(62)
            self.keys = parse_keys(self.profile, own.key_exchange, own.tmk, field_62)
        return answer
