"""``python -m hw_sim.simulation``: simulated days, and the replay of one that failed."""

from __future__ import annotations

import argparse
import logging
import sys
import traceback
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from multiprocessing import get_context

from hw_sim.arguments import shown, to_make, whole
from hw_sim.memory_folder import memory_folder
from hw_sim.proofs.simulation.day import CUSTOMERS, FIFO, SEEDED, Report, run_day
from hw_sim.proofs.simulation.record import record_days
from hw_sim.proofs.simulation.shop import the_shop

REPLAY = "python -m hw_sim.simulation --seed {seed}"
BUSIER = " --customers {most}"
OTHER_ORDER = " --order {order}"


@dataclass(slots=True)
class Totals:
    """What many days brought together."""

    days: int = 0
    refunds: int = 0
    kills: int = 0
    failed: list[int] = field(default_factory=list)
    states: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)

    def add(self, report: Report) -> None:
        self.days += 1
        self.refunds += report.refunds
        self.kills += report.kills
        self.states += report.states
        self.faults += report.faults
        if report.problems:
            self.failed.append(report.seed)

    def lines(self) -> Iterator[str]:
        yield f"{self.days} days, {self.refunds} refunds, {self.kills} kills"
        for title, counted in (("outcomes", self.states), ("faults", self.faults)):
            yield f"{title}:"
            yield from (f"  {count:>8}  {name}" for name, count in counted.most_common())
        yield f"failed: {len(self.failed)}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit status: 0 where every invariant held, 1 where a day failed."""
    args = _parser().parse_args(arguments)
    if args.seed is not None:
        return _replay(args.seed, args.customers, args.order, args.verbose)
    seeds = range(args.first, args.first + args.seeds)
    if args.record is not None:
        print(f"{record_days(args.record, seeds, args.customers)} days in {args.record}")
        return 0
    totals = Totals()
    replay = REPLAY
    replay += BUSIER if args.customers != CUSTOMERS else ""
    replay += OTHER_ORDER if args.order != SEEDED else ""
    with suppress(KeyboardInterrupt):  # what was seen until then is told
        for report in _days(seeds, args.customers, args.order, args.jobs):
            totals.add(report)
            for problem in report.problems:
                print(f"seed {report.seed}: {problem}", flush=True)
            if report.problems:
                command = replay.format(seed=report.seed, most=args.customers, order=args.order)
                print(f"  replay: {command}", flush=True)
    print("\n".join(totals.lines()))
    return 1 if totals.failed else 0


def safely(seed: int, most: int = CUSTOMERS, order: str = SEEDED) -> Report:
    """The day's report; a simulation that broke is a problem of that day."""
    try:
        return run_day(seed, most, order)
    except Exception as error:
        told = "".join(traceback.format_exception(error))
        return Report.broken(seed, told)


def _days(seeds: Sequence[int], most: int, order: str, jobs: int) -> Iterator[Report]:
    a_day = partial(safely, most=most, order=order)
    if jobs == 1 or memory_folder() is None:  # processes share locks in there
        yield from map(a_day, seeds)
        return
    the_shop()  # made here, so that every process has this one, and it is removed at the end
    with ProcessPoolExecutor(jobs, mp_context=get_context("fork")) as pool:
        yield from pool.map(a_day, seeds, chunksize=8)


def _replay(seed: int, most: int, order: str, verbose: bool) -> int:
    """One day, told in full."""
    if verbose:
        logging.basicConfig(level=logging.INFO, format="%(name)s: %(message)s")
    report = safely(seed, most, order)
    print(" ".join(report.prompts))
    for name, count in sorted(report.faults.items()):
        print(f"{count:>6}  {name}")
    for name, count in sorted(report.states.items()):
        print(f"{count:>6}  {name}")
    for problem in report.problems:
        print(f"seed {seed}: {problem}")
    print(f"trace {report.trace[:16]}: {'FAILED' if report.problems else 'ok'}")
    return 1 if report.problems else 0


def _order(text: str) -> str:
    if text not in (SEEDED, FIFO) and not (text.isascii() and text.isdigit()):
        raise argparse.ArgumentTypeError(
            f"{SEEDED}, {FIFO} or a number is needed, not {shown(text)}"
        )
    return text


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m hw_sim.simulation", description=__doc__)
    parser.add_argument("--seed", type=whole(0), metavar="N", help="replay the day of one seed")
    parser.add_argument("--seeds", type=whole(1), default=100, metavar="N", help="how many days")
    parser.add_argument("--first", type=whole(0), default=0, metavar="N", help="the first seed")
    busy = f"at most so many a day ({CUSTOMERS}); more bring more refunds in the same time"
    parser.add_argument("--customers", type=whole(1), default=CUSTOMERS, metavar="N", help=busy)
    turns = (
        f"of tasks that are ready at once: {SEEDED} (the seed's own), {FIFO} (as asyncio has it),"
        " or a number, for another order of the same day"
    )
    parser.add_argument("--order", type=_order, default=SEEDED, metavar="ORDER", help=turns)
    parser.add_argument("--jobs", type=whole(1, 1000), default=1, metavar="N", help="processes")
    kept = "write each day as a file, to be compared with another version's by diff -r; always fifo"
    parser.add_argument("--record", type=to_make, metavar="FOLDER", help=kept)
    parser.add_argument("--verbose", action="store_true", help="the terminal's log, on a replay")
    return parser


if __name__ == "__main__":
    sys.exit(main())
