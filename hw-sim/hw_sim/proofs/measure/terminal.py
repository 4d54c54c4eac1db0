"""``python -m hw_sim.proofs.measure.terminal``: the terminal with a stopwatch around its ports.

The composition root is called with another ``World``, as a test does; cards come by order
(``hw_sim.proofs.crash.devices``). What the stopwatch saw goes to a file when the terminal is
stopped.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import time
from asyncio import StreamReader, StreamWriter
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final, TypeVar, cast

from msgspec.structs import replace
from pos_drivers.display_make import OpenDisplay

from hw_sim.cards.card_files import cards
from hw_sim.proofs.crash import devices
from hw_sim.proofs.crash.ledger import Disk
from hw_sim.proofs.crash.points import Points
from hw_sim.proofs.measure.raw import RawLog
from hw_sim.proofs.measure.stand import CARD
from pos_terminal.app import World, run_terminal
from pos_terminal.config import Config, load
from pos_terminal.ports import CardArrived, CardLink, CardReaders, Frame, InputEvent, Sink
from pos_terminal.ports.runner import Runner
from pos_terminal.services.host.connect import make_connect
from pos_terminal.services.host.ports import Connect
from pos_terminal.services.ledger.step import Step
from pos_terminal.services.ledger.store import LedgerStore
from pos_terminal.services.process.logs import logging_off_the_loop
from pos_terminal.services.process.threads import thread_runner
from pos_terminal.wiring import Devices, open_screen

T = TypeVar("T")

LONG_SECONDS: Final = 0.0002
INPUT: Final = "in:"
SHOWN: Final = "shown:"
"""What marks of events and of screens begin with; their kind and the prompt's name follow."""


@dataclass(frozen=True, slots=True)
class Mark:
    """``what`` was there ``at`` (monotonic seconds)."""

    what: str
    at: float


class Stopwatch:
    def __init__(self) -> None:
        self.marks: list[Mark] = []

    def mark(self, what: str) -> None:
        self.marks.append(Mark(what, time.perf_counter()))

    def write(self, path: Path) -> None:
        lines = [json.dumps([mark.what, mark.at]) for mark in self.marks]
        path.write_text("\n".join(lines), "utf-8")


def read_marks(path: Path) -> list[Mark]:
    return [Mark(*json.loads(line)) for line in path.read_text("utf-8").splitlines()]


# --- around the ports ------------------------------------------------------------------------


class _Link:
    """Fulfils ``ports.CardLink``: ``apdu`` and ``card`` are the two ends of each answer. The first
    answer that has the card's number ends with ``number`` instead."""

    def __init__(self, inner: CardLink, watch: Stopwatch) -> None:
        self._inner, self._watch = inner, watch
        self._number = cards()[CARD].pan
        self._known = False
        self.interface, self.atr = inner.interface, inner.atr

    async def transmit(self, apdu: bytes) -> bytes:
        self._watch.mark("apdu")
        answer = await self._inner.transmit(apdu)
        news = not self._known and self._number in answer.hex()
        self._known |= news
        self._watch.mark("number" if news else "card")
        return answer

    async def close(self) -> None:
        await self._inner.close()


class _Readers:
    """Fulfils ``ports.CardReaders``."""

    def __init__(self, inner: CardReaders, watch: Stopwatch) -> None:
        self._inner, self._watch = inner, watch

    def present(self) -> Mapping[str, CardArrived]:
        return self._inner.present()

    async def connect(self, reader: str) -> CardLink:
        link = await self._inner.connect(reader)
        self._watch.mark("connected")
        return cast(CardLink, _Link(link, self._watch))


class _Screen:
    """Fulfils ``pos_drivers.display_make.OpenDisplay``; every screen is marked by its prompt."""

    def __init__(self, inner: OpenDisplay, watch: Stopwatch) -> None:
        self._inner, self._watch = inner, watch
        self.columns, self.rows = inner.columns, inner.rows

    def show(self, frame: Frame) -> None:
        self._inner.show(frame)
        self._watch.mark(f"{SHOWN}{frame.prompt}")

    def beep(self) -> None:
        self._inner.beep()

    def close(self) -> None:
        self._inner.close()


class _Reader:
    """A StreamReader whose answers are seen."""

    def __init__(self, inner: StreamReader, watch: Stopwatch) -> None:
        self._inner, self._watch = inner, watch

    async def read(self, count: int) -> bytes:
        data = await self._inner.read(count)
        self._watch.mark("answer")
        return data

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)


class _Writer:
    """A StreamWriter whose writes are seen."""

    def __init__(self, inner: StreamWriter, watch: Stopwatch) -> None:
        self._inner, self._watch = inner, watch

    def write(self, data: bytes) -> None:
        self._inner.write(data)
        self._watch.mark("request")

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)


def _connect(config: Config, watch: Stopwatch) -> Connect:
    inner = make_connect(config)

    async def connect(host: str, port: int) -> tuple[StreamReader, StreamWriter]:
        watch.mark("connect")
        reader, writer = await inner(host, port)
        watch.mark("connection")
        return cast(StreamReader, _Reader(reader, watch)), cast(
            StreamWriter, _Writer(writer, watch)
        )

    return connect


def _timed(store: LedgerStore, watch: Stopwatch) -> LedgerStore:
    """Marks ``NAME`` before and ``NAME.`` after each step; a refund's floor at its conclusion."""
    inner = store.step
    wal = store.path.with_name(store.path.name + "-wal")
    raw = RawLog(store.path.with_name("raw-log"))
    sizes: dict[str, int] = {}

    async def step(name: str, work: Callable[[Step], T]) -> T:
        before = wal.stat().st_size
        watch.mark(name)
        result = await inner(name, work)
        watch.mark(f"{name}.")
        sizes[name] = wal.stat().st_size - before or sizes.get(name, 0)
        if name == "conclude":
            await store.blocking(lambda: _floor(watch, raw, sizes))
        return result

    setattr(store, "step", step)  # noqa: B010 - the one door of every write
    return store


def _floor(watch: Stopwatch, raw: RawLog, sizes: Mapping[str, int]) -> None:
    """The bytes of seal and conclusion, each made durable by the ledger's thread."""
    watch.mark("raw")
    for name in ("seal", "conclude"):
        raw.write(sizes[name])
    watch.mark("raw.")


def _noting_statements(store: LedgerStore, path: Path) -> LedgerStore:
    """Each read of the loop's connection as a line, as it is asked."""
    noted = path.open("w", encoding="utf-8", buffering=1)
    store.db.set_trace_callback(lambda sql: print(json.dumps(sql), file=noted))
    return store


def read_statements(path: Path) -> list[str]:
    """What ``--statements`` noted so far."""
    return [str(json.loads(line)) for line in path.read_text("utf-8").splitlines()]


def note_turns(path: Path) -> None:
    """From here on each callback of the loop that holds it long, in processor time, is a line."""
    noted = path.open("w", encoding="utf-8", buffering=1)
    run = asyncio.Handle._run

    def timed(handle: asyncio.Handle) -> None:
        began = time.thread_time()
        run(handle)
        seconds = time.thread_time() - began
        if seconds > LONG_SECONDS:
            print(json.dumps([time.perf_counter(), seconds]), file=noted)

    setattr(asyncio.Handle, "_run", timed)  # noqa: B010 - what the loop calls for each callback


def read_turns(path: Path) -> list[tuple[float, float]]:
    """When each long one ended, and its seconds."""
    lines = (json.loads(line) for line in path.read_text("utf-8").splitlines())
    return [(at, seconds) for at, seconds in lines]


def _writing_all_the_time(store: LedgerStore) -> LedgerStore:
    async def write() -> None:
        while True:
            await store.journal.note("measure", {})

    store.measuring = asyncio.ensure_future(write())  # type: ignore[attr-defined]
    return store


def _stalling(seconds: float) -> Callable[[str, ExitStack], Runner]:
    """Every use of the disk takes so long."""

    def make(name: str, closing: ExitStack) -> Runner:
        inner = thread_runner(name, closing)
        if name != "journal":
            return inner

        async def run(function: Callable[[], T]) -> T:
            def slowly() -> T:
                time.sleep(seconds)
                return function()

            return await inner(slowly)

        return run

    return make


def _devices(config: Config, sink: Sink, orders: Path, watch: Stopwatch) -> Devices:
    def heard(event: InputEvent) -> None:
        watch.mark(f"{INPUT}{type(event).__name__}")
        sink(event)

    real = devices.make(config, heard, Points(), Disk(), orders)
    return replace(real, readers=cast(CardReaders, _Readers(real.readers, watch)))


def _screen(config: Config, sink: Sink, watch: Stopwatch) -> OpenDisplay:
    return _Screen(open_screen(config, sink), watch)


def make_world(args: argparse.Namespace, watch: Stopwatch) -> World:
    """The outside of the terminal, with the stopwatch."""
    if args.stall:
        return World(ledger=_writing_all_the_time, runner=_stalling(args.stall))
    if args.statements:
        return World(ledger=partial(_noting_statements, path=args.statements))
    if args.turns:
        note_turns(args.turns)
        return World()
    if args.panel:
        from hw_sim.proofs.measure.panel_bus import on_counted_bus  # luma is slow to import

        return World(screen=on_counted_bus)
    return World(
        screen=partial(_screen, watch=watch),
        devices=partial(_devices, orders=args.orders, watch=watch),
        connect=partial(_connect, watch=watch),
        ledger=(lambda ledger: ledger) if args.whole else partial(_timed, watch=watch),
    )


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m hw_sim.proofs.measure.terminal", description=__doc__
    )
    parser.add_argument("--config", type=Path, required=True, help="terminal.toml")
    parser.add_argument("--orders", type=Path, help="Unix socket for cards")
    parser.add_argument("--marks", type=Path, help="where the stopwatch's marks go")
    add = parser.add_argument
    add("--statements", type=Path, metavar="FILE", help="what the loop asks the ledger goes there")
    add("--whole", action="store_true", help="nothing is written beside a refund to compare it")
    add("--turns", type=Path, metavar="FILE", help="what holds the loop long goes there")
    add("--panel", action="store_true", help="a panel on a bus that is counted, in place of text")
    parser.add_argument("--stall", type=float, default=0.0, metavar="S", help="of each disk use")
    args = parser.parse_args()
    watch = Stopwatch()
    with logging_off_the_loop():
        asyncio.run(run_terminal(load(args.config), make_world(args, watch)))
    if args.marks is not None:
        watch.write(args.marks)


if __name__ == "__main__":
    main()
