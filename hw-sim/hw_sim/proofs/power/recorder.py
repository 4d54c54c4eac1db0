"""``python -m hw_sim.proofs.power.recorder FOLDER``: the process that strace watches.

The unchanged terminal lives a day on virtual time, everything on one thread, so that the order of
its system calls is the order of all things. It is marked in the trace when a commit was reported
durable, and when the acquirer's book changed; what a mark means lies beside the trace.
"""

from __future__ import annotations

import argparse
import json
import os
import pickle
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final, TypeVar
from unittest.mock import patch

from hw_sim.acquirer.server import Acquirer, Delivery
from hw_sim.proofs.crash.points import MARK_FOLDER
from hw_sim.proofs.power.mutants import MUTANTS
from hw_sim.proofs.power.tour import SETTING, tour
from hw_sim.proofs.simulation.day import plan_day
from hw_sim.proofs.simulation.process import SimTerminal
from hw_sim.proofs.simulation.shop import SimShop, copy_data, make_config, stock, the_shop
from hw_sim.proofs.simulation.site import Site, run_site
from pos_terminal.services.ledger import audit
from pos_terminal.services.ledger.step import Step
from pos_terminal.services.ledger.writer import Writer

T = TypeVar("T")

SHOP_FILE: Final = "shop.pickle"
TOTALS_FILE: Final = "totals.pickle"
"""What the till of that day told of its payments later."""
ACTS_FILE: Final = "acts.json"
PROMISE_FILE: Final = "promise.json"


class Recorder:
    """Marks in the trace, and what belongs to them in ``folder``."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._site: Site | None = None
        self._acts: list[dict[str, Any]] = []
        self._books = 0
        self._durable = (0, "")

    def act(self, data: Path) -> None:
        """From here on ``data`` is the disk: one process of the terminal, to its end."""
        number = len(self._acts)
        copy_data(data, self._folder / f"base-{number}")
        self._acts.append({"data": str(data)})
        (self._folder / ACTS_FILE).write_text(json.dumps(self._acts), "utf-8")
        self.book()
        _mark(f"act/{number}")

    def book(self) -> None:
        """The acquirer's book is now as it is."""
        if self._site is None:
            return
        site, number = self._site, self._books
        self._books += 1
        (self._folder / f"book-{number}.db").write_bytes(site.acquirer.book.image())
        told = {
            "now": site.time.now().isoformat(),
            "ledger": site.acquirer.ledger(),
            "setting": asdict(site.setting),
        }
        (self._folder / f"book-{number}.json").write_text(json.dumps(told), "utf-8")
        _mark(f"book/{number}")

    @contextmanager
    def watching(self, site: Site) -> Iterator[None]:
        self._site = site
        yield
        self._site = None

    @contextmanager
    def marks(self) -> Iterator[None]:
        """Within it every commit, every process and every message of money is marked."""
        with ExitStack() as patches:
            patches.enter_context(patch.object(Writer, "transact", self._committed()))
            patches.enter_context(patch.object(SimTerminal, "start", self._started()))
            patches.enter_context(patch.object(shutil, "rmtree", _ended(shutil.rmtree)))
            for method in ("exchange", "begin_batch"):
                patches.enter_context(patch.object(Acquirer, method, self._booked(method)))
            yield

    def write_promise(self) -> None:
        """For who has no trace: what was promised until now."""
        seq, entry = self._durable
        told = {"seq": seq, "entry": entry, "book": self._books - 1}
        (self._folder / PROMISE_FILE).write_text(json.dumps(told), "utf-8")

    def _committed(self) -> Callable[..., Any]:
        honest = Writer.transact

        def transact(writer: Writer, name: str, work: Callable[[Step], T]) -> T:
            result = honest(writer, name, work)
            self._durable = seq, entry = audit.head(writer.db)
            _mark(f"durable/{seq}/{entry}")
            return result

        return transact

    def _started(self) -> Callable[[SimTerminal], None]:
        honest = SimTerminal.start

        def start(terminal: SimTerminal) -> None:
            self.act(terminal.config.data_dir)
            honest(terminal)

        return start

    def _booked(self, method: str) -> Callable[..., Any]:
        honest = getattr(Acquirer, method)

        def booked(acquirer: Acquirer, *words: Any) -> Delivery:
            result: Delivery = honest(acquirer, *words)
            self.book()
            return result

        return booked


def _ended(honest: Callable[..., None]) -> Callable[..., None]:
    """What is removed as a whole is no disk any more."""

    def rmtree(path: Any, *words: Any, **options: Any) -> None:
        _mark(f"end/{path}")
        honest(path, *words, **options)

    return rmtree


def _mark(text: str) -> None:
    os.access(f"{MARK_FOLDER}/{text}", os.F_OK)


def _beginning(recorder: Recorder, shop: SimShop, folder: Path) -> None:
    """An act of its own: a ledger is made, and sales are imported into it."""
    data = folder / "new"
    shop.copy(data)
    for file in data.glob("ledger.db*"):
        file.unlink()
    recorder.act(data)
    stock(shop, make_config(folder, data))


def keep_shop(shop: SimShop, folder: Path) -> None:
    """Keys, people and sales, for who goes on from what is recorded."""
    (folder / SHOP_FILE).write_bytes(pickle.dumps((shop.keys, shop.staff, shop.sales)))


def record(folder: Path, seed: int | None, mutant: str | None) -> None:
    """The fixed tour, or the day of a seed."""
    shop = the_shop()
    keep_shop(shop, folder)
    recorder = Recorder(folder)
    setting, story = (SETTING, tour) if seed is None else plan_day(seed)

    async def lived(site: Site) -> None:
        with recorder.watching(site):
            await story(site)
        (folder / TOTALS_FILE).write_bytes(pickle.dumps(site.adjustments))

    with ExitStack() as closing:
        closing.enter_context(recorder.marks())
        if mutant is not None:
            closing.enter_context(MUTANTS[mutant]())
        _beginning(recorder, shop, folder)
        run_site(lived, setting)


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m hw_sim.proofs.power.recorder", description=__doc__
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seed", type=int)
    parser.add_argument("--mutant", choices=sorted(MUTANTS))
    args = parser.parse_args()
    record(args.folder, args.seed, args.mutant)
    return 0


if __name__ == "__main__":
    sys.exit(main())
