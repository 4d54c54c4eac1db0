"""``python -m hw_sim.power``: images of the disk after power cuts, each opened and judged."""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from hw_sim.arguments import there, whole
from hw_sim.device import BenchError
from hw_sim.memory_folder import memory_folder
from hw_sim.proofs.power.images import Tally, judge
from hw_sim.proofs.power.mutants import MUTANTS
from hw_sim.proofs.power.recording import Recording, record

_AT_ONCE = 100
"""Images that one process makes in a row."""
REPLAY = "python -m hw_sim.power --recording {folder} --image N"


def main(words: Sequence[str] | None = None) -> int:
    """Exit status: 0 where everything held of every image, 1 where not, 2 without a recording."""
    args = _parser().parse_args(words)
    try:
        if args.recording is not None:
            tally = judge(Recording(args.recording), [args.image], go_on_every=1)
            return _say(tally)
        return _many(args)
    except BenchError as error:
        print(f"hw_sim.proofs.power: {error}", file=sys.stderr)
        return 2


def _many(args: argparse.Namespace) -> int:
    folder = Path(tempfile.mkdtemp(prefix="power-images-", dir=args.folder))
    tally = Tally()
    days = [None, *range(args.first, args.first + args.days)]
    share = -(-args.images // len(days))
    for place, day in enumerate(days):
        own = folder / ("tour" if day is None else f"day-{day}")
        recording = record(own, seed=day, mutant=args.mutant)
        numbers = range(place * share, min(args.images, (place + 1) * share))
        found = Tally()
        for part in _judged(recording, numbers, args):
            found.add(part)
        tally.add(found)
        if found.failed:
            print(f"replay: {REPLAY.format(folder=own)}", flush=True)
        else:
            shutil.rmtree(own)
    if not tally.failed:
        folder.rmdir()
    return _say(tally)


def _judged(recording: Recording, numbers: range, args: argparse.Namespace) -> Iterator[Tally]:
    chunks = [numbers[start : start + _AT_ONCE] for start in range(0, len(numbers), _AT_ONCE)]
    if args.jobs == 1 or memory_folder() is None:  # processes share locks in there
        for chunk in chunks:
            yield judge(recording, chunk, go_on_every=args.go_on_every)
        return
    with ProcessPoolExecutor(args.jobs, mp_context=get_context("fork")) as pool:
        waiting = [
            pool.submit(judge, recording, chunk, go_on_every=args.go_on_every) for chunk in chunks
        ]
        for future in waiting:
            yield future.result()


def _say(tally: Tally) -> int:
    for problem in tally.failed:
        print(problem)
    print("\n".join(tally.lines()), flush=True)
    return 1 if tally.failed else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m hw_sim.power", description=__doc__)
    add = parser.add_argument
    add("--images", type=whole(1), default=1000, metavar="N", help="how many (1000)")
    add(
        "--days", type=whole(0), default=0, metavar="N", help="seeded days recorded beside the tour"
    )
    add("--first", type=whole(0), default=0, metavar="SEED", help="the first day's seed")
    far = "from each n-th the whole terminal goes on (50; 0: from none)"
    add("--go-on-every", type=whole(0), default=50, metavar="N", help=far)
    add("--jobs", type=whole(1, 1000), default=1, metavar="N", help="processes")
    add("--mutant", choices=sorted(MUTANTS), help="a mistake that the images must notice")
    add("--folder", type=there, help="for recordings; kept where an image failed")
    add("--recording", type=there, metavar="FOLDER", help="judge one image of it again")
    add("--image", type=whole(0), default=0, metavar="N", help="which one")
    return parser


if __name__ == "__main__":
    sys.exit(main())
