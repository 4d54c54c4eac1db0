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
from typing import Any, TypeVar, cast

from msgspec.structs import replace

from hw_sim.proofs.crash import devices
from hw_sim.proofs.crash.ledger import Disk
from hw_sim.proofs.crash.points import Points
from hw_sim.proofs.measure.raw import RawLog
from pos_terminal.app import World, run_terminal
from pos_terminal.config import Config, load
from pos_terminal.ports import CardArrived, CardLink, CardReaders, Sink
from pos_terminal.ports.runner import Runner
from pos_terminal.services.host.connect import make_connect
from pos_terminal.services.host.ports import Connect
from pos_terminal.services.ledger.step import Step
from pos_terminal.services.ledger.store import LedgerStore
from pos_terminal.services.process.logs import logging_off_the_loop
from pos_terminal.services.process.threads import thread_runner
from pos_terminal.wiring import Devices

T = TypeVar("T")


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
    """Fulfils ``ports.CardLink``: ``apdu`` and ``card`` are the two ends of each answer."""

    def __init__(self, inner: CardLink, watch: Stopwatch) -> None:
        self._inner, self._watch = inner, watch
        self.interface, self.atr = inner.interface, inner.atr

    async def transmit(self, apdu: bytes) -> bytes:
        self._watch.mark("apdu")
        answer = await self._inner.transmit(apdu)
        self._watch.mark("card")
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
    real = devices.make(config, sink, Points(), Disk(), orders)
    return replace(real, readers=cast(CardReaders, _Readers(real.readers, watch)))


def make_world(args: argparse.Namespace, watch: Stopwatch) -> World:
    """The outside of the terminal, with the stopwatch."""
    if args.stall:
        return World(ledger=_writing_all_the_time, runner=_stalling(args.stall))
    return World(
        devices=partial(_devices, orders=args.orders, watch=watch),
        connect=partial(_connect, watch=watch),
        ledger=partial(_timed, watch=watch),
    )


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m hw_sim.proofs.measure.terminal", description=__doc__
    )
    parser.add_argument("--config", type=Path, required=True, help="terminal.toml")
    parser.add_argument("--orders", type=Path, help="Unix socket for cards")
    parser.add_argument("--marks", type=Path, help="where the stopwatch's marks go")
    parser.add_argument("--stall", type=float, default=0.0, metavar="S", help="of each disk use")
    args = parser.parse_args()
    watch = Stopwatch()
    with logging_off_the_loop():
        asyncio.run(run_terminal(load(args.config), make_world(args, watch)))
    if args.marks is not None:
        watch.write(args.marks)


if __name__ == "__main__":
    main()
