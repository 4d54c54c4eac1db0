"""One thread for the blocking calls to one reader, which is given up when a card hangs it.

A mute card holds SCardTransmit for ever and SCardCancel does not help. The thread is then left
behind: it ends by itself when the card is taken out, and the reader gets a new one.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable
from functools import partial
from queue import SimpleQueue
from typing import Generic, TypeVar

from pos_drivers.pcsc_api import Card, Context, PcscError

T = TypeVar("T")


class GivenUp(Exception):
    """The call will not be answered: its reader or the card service went."""


class _Job(Generic[T]):
    """A call on its way to the thread, and its result on the way back."""

    def __init__(self, function: Callable[[], T]) -> None:
        self._loop = asyncio.get_running_loop()
        self._function = function
        self.result: asyncio.Future[T] = self._loop.create_future()

    def run(self) -> None:
        """On the thread."""
        try:
            value = self._function()
        except Exception as error:
            self._post(partial(self.fail, error))
        else:
            self._post(partial(self._succeed, value))

    def _post(self, settle: Callable[[], None]) -> None:
        with contextlib.suppress(RuntimeError):  # the loop was closed meanwhile
            self._loop.call_soon_threadsafe(settle)

    def _succeed(self, value: T) -> None:
        if not self.result.done():
            self.result.set_result(value)

    def fail(self, error: Exception) -> None:
        """On the loop."""
        if not self.result.done():
            self.result.set_exception(error)


class Worker:
    """The calls of one reader, one after the other. Its context and card never leave the thread."""

    def __init__(self, reader: str) -> None:
        self.reader = reader
        self._jobs: SimpleQueue[_Job[bytes] | None] = SimpleQueue()
        self._unanswered: set[_Job[bytes]] = set()
        self._context: Context | None = None
        self._card: Card | None = None
        self._given_up = False
        self._thread = threading.Thread(target=self._run, name=f"pcsc {reader}", daemon=True)
        self._thread.start()

    @property
    def usable(self) -> bool:
        return not self._given_up

    @property
    def stuck(self) -> bool:
        """Given up, and still held by its card."""
        return self._given_up and self._thread.is_alive()

    async def connect(self, seconds: float) -> bytes:
        """The ATR. Raises PcscError, GivenUp, TimeoutError."""
        return await self._call(self._connect, seconds)

    async def transmit(self, apdu: bytes, seconds: float) -> bytes:
        """The answer, empty for a pulled card. Raises PcscError, GivenUp, TimeoutError."""
        return await self._call(lambda: self._transmit(apdu), seconds)

    async def disconnect(self, seconds: float) -> None:
        """Power the card down. Raises GivenUp, TimeoutError."""
        await self._call(self._disconnect, seconds)

    def give_up(self) -> None:
        """No more calls, and those that wait fail now: the thread answers none of them, and cleans
        up behind itself as soon as it can."""
        if not self._given_up:
            self._given_up = True
            self._jobs.put(None)
            for job in self._unanswered:
                job.fail(GivenUp())

    async def _call(self, function: Callable[[], bytes], seconds: float) -> bytes:
        job = _Job(function)
        self._unanswered.add(job)
        self._jobs.put(job)
        try:
            async with asyncio.timeout(seconds):
                return await job.result
        except TimeoutError:
            self.give_up()
            raise
        finally:
            self._unanswered.discard(job)

    # --- on the thread -----------------------------------------------------------------------

    def _run(self) -> None:
        while (job := self._jobs.get()) is not None:
            if self._given_up:
                break
            job.run()
        self._disconnect()
        if self._context is not None:
            self._context.release()

    def _connect(self) -> bytes:
        self._disconnect()
        try:
            self._context = self._context or Context()
            self._card = self._context.connect(self.reader)
            return self._card.atr()
        except PcscError:
            self._drop_context()
            raise

    def _transmit(self, apdu: bytes) -> bytes:
        return b"" if self._card is None else self._card.transmit(apdu)

    def _disconnect(self) -> bytes:
        card, self._card = self._card, None
        if card is not None:
            card.disconnect()
        return b""

    def _drop_context(self) -> None:
        self._disconnect()
        context, self._context = self._context, None
        if context is not None:
            context.release()
