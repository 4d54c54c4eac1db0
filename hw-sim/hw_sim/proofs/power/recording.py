"""What one day did to the disk, call by call, and what was promised meanwhile."""

from __future__ import annotations

import json
import pickle
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from hw_sim.bench.keys import BenchKeys
from hw_sim.bench.people import Staff
from hw_sim.bench.sample_sales import SampleSale
from hw_sim.device import BenchError
from hw_sim.proofs.power import syscalls
from hw_sim.proofs.power.disk import Disk
from hw_sim.proofs.power.recorder import ACTS_FILE, SHOP_FILE, TOTALS_FILE
from hw_sim.proofs.power.syscalls import Change, Marked, Renamed, Unreadable
from hw_sim.proofs.simulation.adjustment import Adjustment
from hw_sim.proofs.simulation.site import Setting
from pos_terminal.texts import Language

_TRACE_FILE = "trace"
_NOT_KEPT = (".lock", "-shm")
"""Nothing of these outlives a process, whatever the disk says."""


@dataclass(frozen=True, slots=True)
class Promise:
    """What was durable, by the terminal's own word, and what the acquirer had done by then."""

    seq: int = 0
    """Of the newest entry of the audit log; 0 for none."""
    entry: str = ""
    """Its hash."""
    book: int | None = None
    """Number of the acquirer's book; None before there was a terminal."""


@dataclass(frozen=True, slots=True)
class Act:
    """One process of the terminal on its disk."""

    base: Mapping[str, bytes]
    """The disk before it; everything on it is durable."""
    steps: Sequence[tuple[Change, Promise]]
    """Each change, with what was promised before it."""

    def moments(self) -> Iterator[tuple[int, Promise, Disk]]:
        """Each moment after a change at which something is not synced, by its number."""
        disk = Disk(self.base)
        for number, (change, promise) in enumerate(self.steps):
            disk.do(change)
            if disk.unsure:
                yield number, promise, disk


@dataclass(frozen=True, slots=True)
class Book:
    """The acquirer at one moment."""

    file: Path
    now: str
    ledger: list[dict[str, Any]]
    setting: Setting


class Shop:
    """The shop of a recorded process, and its acquirer at each moment."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        keys, staff, sales = pickle.loads((folder / SHOP_FILE).read_bytes())  # noqa: S301 - ours
        self.keys: BenchKeys = keys
        self.staff: Sequence[Staff] = staff
        self.sales: Sequence[SampleSale] = sales
        totals = folder / TOTALS_FILE
        self.adjustments: Sequence[Adjustment] = (
            pickle.loads(totals.read_bytes()) if totals.exists() else ()  # noqa: S301 - ours
        )

    def book(self, number: int) -> Book:
        told = json.loads((self.folder / f"book-{number}.json").read_text("utf-8"))
        setting = Setting(**told["setting"])
        setting = replace(setting, language=Language(setting.language))
        file = self.folder / f"book-{number}.db"
        return Book(file, told["now"], told["ledger"], setting)


class Recording(Shop):
    """A folder that the recorder and strace have filled."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        with (folder / _TRACE_FILE).open(encoding="ascii", errors="replace") as lines:
            self.acts = list(_acts(folder, syscalls.read(lines)))


def record(folder: Path, *, seed: int | None = None, mutant: str | None = None) -> Recording:
    """Live the tour, or the day of a seed, under strace. BenchError where that is not possible."""
    if shutil.which("strace") is None:
        raise BenchError("there is no strace here")
    folder.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-P", "-m", "hw_sim.proofs.power.recorder", str(folder)]
    command += [] if seed is None else ["--seed", str(seed)]
    command += [] if mutant is None else ["--mutant", mutant]
    done = subprocess.run(
        syscalls.traced(str(folder / _TRACE_FILE), command),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise BenchError(f"nothing was recorded: {done.stderr.strip()[-2000:]}")
    return Recording(folder)


def _acts(folder: Path, events: Iterable[syscalls.Event]) -> Iterator[Act]:
    told = json.loads((folder / ACTS_FILE).read_text("utf-8"))
    promise, data = Promise(), ""
    number: int | None = None
    steps: list[tuple[Change, Promise]] = []
    for event in events:
        if isinstance(event, Marked):
            word, _, rest = event.text.partition("/")
            if number is not None and (word == "act" or event.text == f"end/{data}"):
                yield Act(_content(folder / f"base-{number}"), steps)
                number = None
            if word == "act":
                number, steps = int(rest), []
                promise = Promise(book=promise.book)
                data = told[number]["data"]
            elif word == "durable":
                seq, _, entry = rest.partition("/")
                promise = replace(promise, seq=int(seq), entry=entry)
            elif word == "book":
                promise = replace(promise, book=int(rest))
        elif number is not None:
            change = _inside(data, event)
            if change is not None:
                steps.append((change, promise))
    if number is not None:
        yield Act(_content(folder / f"base-{number}"), steps)


def _inside(data: str, event: Change | Unreadable) -> Change | None:
    """The change as one of this folder, with paths in it; None for another's."""
    if isinstance(event, Unreadable):
        if data in event.said:
            raise BenchError(f"a call that can't be replayed: {event.name} {event.said[:200]}")
        return None
    if event.path != data and not event.path.startswith(f"{data}/"):
        return None
    if event.path.endswith(_NOT_KEPT):
        return None
    path = event.path.removeprefix(data).lstrip("/") or "."
    if isinstance(event, Renamed):
        return Renamed(path, event.target.removeprefix(data).lstrip("/"))
    return replace(event, path=path)


def _content(folder: Path) -> dict[str, bytes]:
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}
