"""Card readers through PC/SC: who is there, and a link to the card that is.

A thread of its own waits and posts (``pcsc_watcher``), another a reader talks to its card
(``pcsc_worker``); everything here happens on the loop.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Mapping
from functools import partial

from msgspec import Struct, field

from pos_drivers import pcsc_api, pcsc_events
from pos_drivers.pcsc_api import PcscError
from pos_drivers.pcsc_watcher import Snapshot, Watcher
from pos_drivers.pcsc_worker import GivenUp, Worker
from pos_terminal.core.words import Failure, say
from pos_terminal.ports import (
    CardArrived,
    CardGone,
    CardLeft,
    CardLink,
    CardMute,
    DeviceState,
    Interface,
    Sink,
)

_GONE = (pcsc_api.REMOVED, pcsc_api.NO_CARD)
_LOST = (
    pcsc_api.INVALID_HANDLE,
    pcsc_api.COMM_ERROR,
    pcsc_api.NO_SERVICE,
    pcsc_api.SERVICE_STOPPED,
    pcsc_api.UNKNOWN_READER,
    pcsc_api.READER_UNAVAILABLE,
)
"""The service or the reader went, and with it whatever was in there."""
_NOT_ACTIVATED = (
    pcsc_api.UNRESPONSIVE,
    pcsc_api.UNPOWERED,
    pcsc_api.UNSUPPORTED,
    pcsc_api.PROTOCOL,
)


class Limits(Struct, frozen=True):
    """Seconds that a card may take. A mute one is found by these alone."""

    connect: float = 4.0
    settle: float = 0.8
    """For a card that can't be activated to be noticed as taken away: PC/SC lists it a while
    longer, 16 to 39 ms on USB, up to 400 on the bench."""
    answer: float = 4.0
    close: float = 1.0
    check: float = 3.0


class PcscReaders:
    """Fulfils ``ports.CardReaders`` and ``ports.Device``.

    ``bound`` has the full PC/SC name of each reader; others are ignored. Events go to ``sink`` on
    the loop that ``run`` runs on; states are those of ``reader.contact`` and ``reader.tap``.
    """

    name = "reader"

    def __init__(
        self, sink: Sink, bound: Mapping[Interface, str], limits: Limits | None = None
    ) -> None:
        self._sink = sink
        self._bound = dict(bound)
        self._limits = limits or Limits()
        self._seen = pcsc_events.NOTHING
        self._there: dict[str, CardArrived] = {}
        self._moved = asyncio.Event()
        """A card came or left."""
        self._workers: dict[str, Worker] = {}

    async def run(self) -> None:
        """Watch until cancelled. Readers and the card service may come and go."""
        loop = asyncio.get_running_loop()
        if not self._bound:
            await loop.create_future()

        def post(snapshot: Snapshot) -> None:
            with contextlib.suppress(RuntimeError):  # the loop was closed meanwhile
                loop.call_soon_threadsafe(self._look, snapshot)

        watcher = Watcher(tuple(self._bound.values()), post)
        watcher.start()
        try:
            await loop.create_future()
        finally:
            self._give_up_workers()
            await watcher.stop()

    def _give_up_workers(self) -> None:
        """A context outlives its card service and still claims to be valid: start afresh."""
        for worker in self._workers.values():
            worker.give_up()

    def _look(self, snapshot: Snapshot) -> None:
        """A new snapshot: what changed becomes events."""
        old, self._seen = self._seen, snapshot
        if snapshot.trouble is not None:
            self._give_up_workers()
        for event in pcsc_events.changes(old, snapshot, self._bound):
            if isinstance(event, CardArrived):
                self._there[event.reader] = event
            elif isinstance(event, CardLeft):
                self._there.pop(event.reader, None)
            self._sink(event)
        self._moved.set()

    def present(self) -> Mapping[str, CardArrived]:
        return dict(self._there)

    async def connect(self, reader: str) -> CardLink:
        """Raises CardGone; Failure ``card.several``, ``.busy``, ``.mute``, ``.interrupted``,
        ``.reader_trouble``."""
        arrived = self._there.get(reader)
        if arrived is None:
            raise self._gone(reader)
        worker = self._worker(reader)
        try:
            atr = await worker.connect(self._limits.connect)
        except TimeoutError:
            raise Failure("card.mute") from None
        except GivenUp:
            raise self._gone(reader) from None
        except PcscError as error:
            if error.code in _NOT_ACTIVATED and await self._has_left(arrived):
                raise self._gone(reader) from None
            raise self._connect_trouble(error, reader) from None
        gone = partial(self._gone, reader)
        return _Link(arrived.interface, atr, worker, self._limits, gone)

    def _gone(self, reader: str, error: PcscError | None = None) -> Exception:
        """Why a card can't be asked any more: CardGone where it was taken away, Failure
        ``card.interrupted`` where its reader went, or the card service."""
        if error is not None and error.code in _LOST:
            return Failure("card.interrupted", reader=reader, cause=str(error))
        if self._seen.trouble is not None:
            return Failure("card.interrupted", reader=reader, cause=self._seen.trouble)
        if reader not in self._seen.readers:
            return Failure("card.interrupted", reader=reader, cause="no such reader")
        return CardGone()

    def _connect_trouble(self, error: PcscError, reader: str) -> Exception:
        if error.code in (*_GONE, *_LOST):
            return self._gone(reader, error)
        if error.code in _NOT_ACTIVATED:
            return Failure("card.several", cause=str(error))
        if error.code == pcsc_api.SHARING_VIOLATION:
            return Failure("card.busy", reader=reader)
        return Failure("card.reader_trouble", reader=reader, cause=str(error))

    async def _has_left(self, card: CardArrived) -> bool:
        """Whether a card that answers nothing turns out to be gone: then it is no crowd."""
        try:
            async with asyncio.timeout(self._limits.settle):
                while self._there.get(card.reader) is card:
                    self._moved.clear()
                    await self._moved.wait()
        except TimeoutError:
            return False
        return True

    def _worker(self, reader: str) -> Worker:
        worker = self._workers.get(reader)
        if worker is not None and worker.stuck:
            raise Failure("card.mute")
        now = self._seen.readers[reader].name
        if worker is not None and worker.reader != now:
            worker.give_up()
        if worker is None or not worker.usable:
            worker = self._workers[reader] = Worker(now)
        return worker

    async def check(self) -> DeviceState:
        """The first reader that is not right; where all are, the state of all."""
        if not self._bound:
            return DeviceState(self.name, True, say("check.no_readers"))
        states = await self.check_each()
        return next((state for state in states if not state.up), DeviceState(self.name, True))

    async def check_each(self) -> tuple[DeviceState, ...]:
        """Each bound reader's state, asked anew."""
        if not self._bound:
            return ()
        snapshots: asyncio.Queue[Snapshot] = asyncio.Queue()
        loop = asyncio.get_running_loop()

        def post(snapshot: Snapshot) -> None:
            loop.call_soon_threadsafe(snapshots.put_nowait, snapshot)

        watcher = Watcher(tuple(self._bound.values()), post)
        watcher.start()
        try:
            async with asyncio.timeout(self._limits.check):
                snapshot = await snapshots.get()
        except TimeoutError:
            snapshot = Snapshot({}, (), f"no answer within {self._limits.check:g} s")
        finally:
            await watcher.stop()
        return tuple(
            pcsc_events.checked(snapshot, interface, name)
            for interface, name in self._bound.items()
        )


class _Link(Struct):
    """Fulfils ``ports.CardLink``."""

    interface: Interface
    atr: bytes
    _worker: Worker
    _limits: Limits
    _gone: Callable[..., Exception]
    _closed: bool = field(default=False)

    async def transmit(self, apdu: bytes) -> bytes:
        if self._closed or not self._worker.usable:
            raise self._gone()
        try:
            answer = await self._worker.transmit(apdu, self._limits.answer)
        except TimeoutError:
            raise CardMute from None
        except GivenUp:
            raise self._gone() from None
        except PcscError as error:
            raise self._gone(error) from None
        if len(answer) < 2:
            raise self._gone()
        return answer

    async def close(self) -> None:
        """Power the card down; a card that hangs its reader is left to its thread."""
        if self._closed or not self._worker.usable:
            return
        self._closed = True
        with contextlib.suppress(GivenUp, TimeoutError):
            await self._worker.disconnect(self._limits.close)
