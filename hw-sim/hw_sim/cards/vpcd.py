"""The card side of vpcd: a TCP connection is a card in the reader (vsmartcard's protocol).

Frames are two bytes of length, big-endian, and the payload. One byte is a control; anything else
is an APDU. vpcd asks for the ATR at every look at the reader (each 400 ms) to see the card.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from enum import IntEnum
from typing import Final

from hw_sim.cards.emulated import EmulatedCard, Mute, Pulled, SimulatorFault

_UNREADABLE_ATR: Final = b"\x00"
"""No ATR begins so. The reader sees that something is there; connecting to it fails."""

_LOOK_SECONDS: Final = 0.45
"""vpcd looks for a card each 400 ms."""
_SETTLE_SECONDS: Final = 0.05


class _Control(IntEnum):
    OFF = 0
    ON = 1
    RESET = 2
    ATR = 4


class InsertedCard:
    """One card in one reader, from ``insert`` to ``remove`` or until it pulls itself out."""

    def __init__(self, card: EmulatedCard, sock: socket.socket) -> None:
        self.card = card
        self._sock = sock
        self._atr = card.activate() or _UNREADABLE_ATR
        self._powered = False
        self._asked = False
        self._left_at = 0.0
        self._seen = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self.fault: SimulatorFault | None = None

    @classmethod
    async def insert(cls, card: EmulatedCard, host: str, port: int) -> InsertedCard:
        """Put the card in; returns at once. OSError where no reader listens."""
        loop = asyncio.get_running_loop()
        sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        sock.setblocking(False)
        try:
            await loop.sock_connect(sock, (host, port))
        except BaseException:
            sock.close()
            raise
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        inserted = cls(card, sock)
        inserted._task = asyncio.create_task(inserted._serve(), name=f"card {card.name}")
        return inserted

    @property
    def present(self) -> bool:
        return self._task is not None and not self._task.done()

    def holds(self, name: str) -> bool:
        """Whether this card is in the reader still."""
        return self.present and self.card.name == name

    async def seen(self, seconds: float) -> None:
        """Until the card service has powered the card up. Raises TimeoutError."""
        async with asyncio.timeout(seconds):
            await self._seen.wait()

    async def gone(self, seconds: float) -> None:
        """Until the card service has seen that the card is away. Raises TimeoutError."""
        assert self._task is not None  # made by insert
        async with asyncio.timeout(seconds):
            await asyncio.shield(self._task)
            # The look that finds the card gone must be over, or it takes the next card for this
            # one. Pulled in mid-command: vpcd knows at once, the look is still to come.
            wait = _LOOK_SECONDS if self._asked else _SETTLE_SECONDS
            since = asyncio.get_running_loop().time() - self._left_at
            await asyncio.sleep(max(0.0, wait - since))

    async def remove(self, seconds: float) -> None:
        """Take the card out, and wait until the card service has seen it."""
        self._leave()
        try:
            await self.gone(seconds)
        finally:
            await self.close()

    async def close(self) -> None:
        """Out at once, whether anybody has seen it or not."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        self._sock.close()

    def _leave(self) -> None:
        """Half a close: vpcd meets the end at its next look, and closes its half in turn."""
        with contextlib.suppress(OSError):
            self._sock.shutdown(socket.SHUT_WR)

    async def _serve(self) -> None:
        try:
            while True:
                frame = await self._receive()
                self._asked = len(frame) > 1
                reply = self._reply(frame)
                if reply is not None:
                    await self._send(reply)
                    self._asked = False
                if frame == bytes((_Control.ATR,)) and self._powered:
                    self._seen.set()
        except (EOFError, OSError):
            return
        finally:
            self._left_at = asyncio.get_running_loop().time()
            self._sock.close()

    def _reply(self, frame: bytes) -> bytes | None:
        """What goes back; None where nothing does."""
        if len(frame) == 1:
            return self._control(frame[0])
        try:
            return self.card.answer(frame)
        except Pulled:
            self._leave()
        except Mute:
            pass
        except SimulatorFault as fault:
            self.fault = fault
            self._leave()
        return None

    def _control(self, code: int) -> bytes | None:
        match code:
            case _Control.ATR:
                return self._atr
            case _Control.ON | _Control.RESET:
                self._atr = self.card.activate() or _UNREADABLE_ATR
                self._powered = True
        return None

    async def _send(self, payload: bytes) -> None:
        loop = asyncio.get_running_loop()
        await loop.sock_sendall(self._sock, len(payload).to_bytes(2, "big") + payload)

    async def _receive(self) -> bytes:
        size = int.from_bytes(await self._exactly(2), "big")
        return await self._exactly(size)

    async def _exactly(self, count: int) -> bytes:
        loop = asyncio.get_running_loop()
        data = b""
        while len(data) < count:
            # Linux leaves quick acknowledgement by itself; without it an APDU costs 44 ms.
            self._sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
            part = await loop.sock_recv(self._sock, count - len(data))
            if not part:
                raise EOFError
            data += part
        return data
