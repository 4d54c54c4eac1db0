"""``python -m hw_sim.power.injected``: the kernel refuses a call, and the ones after it.

A process under strace plays a story; from its n-th write, sync, truncation or read of a file of
the ledger on, the system says EIO or ENOSPC, as a worn or a full disk does: SQLite itself meets it,
nothing is wrapped. Then the process is gone, the disk is good again, and what is left is judged
like an image after a power cut: nothing that was promised is missing, and the terminal goes on.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from hw_sim.device import BenchError
from hw_sim.proofs.power.judge import go_on, look
from hw_sim.proofs.power.recorder import PROMISE_FILE
from hw_sim.proofs.power.recording import Promise, Shop
from hw_sim.proofs.power.sufferer import DISK, LEFT, SCREEN_FILE, STORIES
from hw_sim.proofs.simulation.shop import copy_data

CALLS: Final = ("pwrite64", "fdatasync", "write", "fsync", "ftruncate", "pread64")
ERRORS: Final = {"pread64": ("EIO",)}
_ERRORS: Final = ("EIO", "ENOSPC")
FILES: Final = (
    *("ledger.db", "ledger.db-wal", "ledger.db.head.new", "ring.bin"),
    *("people.db", "people.db-wal", "keys/session.keys.new"),
)
_SECONDS: Final = 120.0


@dataclass(frozen=True, slots=True)
class Strike:
    """From the ``nth`` call on, all of them."""

    story: str
    call: str
    nth: int
    error: str

    def __str__(self) -> str:
        return f"{self.story}, {self.call} {self.nth} and on, {self.error}"


@dataclass(frozen=True, slots=True)
class Struck:
    met: int
    """How many calls were refused."""
    screen: str
    """What the clerk saw in the end."""
    problems: list[str]


def counts(story: str, folder: Path) -> Counter[str]:
    """How many calls of each kind the story makes on a good disk."""
    return Counter(line.split("(")[0].split()[-1] for line in _traced(story, folder, CALLS))


def strike(one: Strike, folder: Path) -> Struck:
    """Play the story, refuse the calls, judge what is left."""
    order = f"inject={one.call}:error={one.error}:when={one.nth}+"
    lines = _traced(one.story, folder, [one.call], "-e", order)
    shop = Shop(folder)
    promise = Promise(**json.loads((folder / PROMISE_FILE).read_text("utf-8")))
    copy_data(folder / LEFT, folder / "look")
    found = look(folder / "look", shop, promise)
    problems = found.problems or go_on(folder / LEFT, shop, promise, found)
    screen = (folder / SCREEN_FILE).read_text("utf-8")
    return Struck(sum("(INJECTED)" in line for line in lines), screen, problems)


def _traced(story: str, folder: Path, calls: Sequence[str], *more: str) -> list[str]:
    """The lines of the trace. BenchError where the process did not come to its end."""
    folder.mkdir()
    trace = folder / "trace"
    paths = [word for name in FILES for word in ("-P", str(folder / DISK / name))]
    process = [
        sys.executable,
        "-P",
        "-m",
        "hw_sim.proofs.power.sufferer",
        str(folder),
        "--story",
        story,
    ]
    watch = ["strace", "-f", "-qq", "-o", str(trace), *paths, *more]
    watch += ["-e", f"trace={','.join(calls)}", "-e", "signal=none"]
    done = subprocess.run(
        [*watch, *process],
        capture_output=True,
        text=True,
        check=False,
        timeout=_SECONDS,
    )
    if done.returncode != 0:
        raise BenchError(f"{story} under strace: {done.stderr.strip()[-2000:]}")
    return trace.read_text("utf-8", errors="replace").splitlines()


def strikes(every: int, folder: Path) -> Iterator[Strike]:
    """Each story with each error at each ``every``-th call of each kind."""
    for number, story in enumerate(STORIES):
        found = counts(story, folder / f"count-{number}")
        for call in CALLS:
            for nth in range(1, found[call] + 1, every):
                for error in ERRORS.get(call, _ERRORS):
                    yield Strike(story, call, nth, error)


def main(words: Sequence[str] | None = None) -> int:
    """Exit status 1 where something did not hold, 2 where nothing can be traced."""
    parser = argparse.ArgumentParser(prog="python -m hw_sim.power.injected", description=__doc__)
    parser.add_argument("--every", type=int, default=10, metavar="N", help="each n-th call (10)")
    args = parser.parse_args(words)
    if shutil.which("strace") is None:
        print("there is no strace here", file=sys.stderr)
        return 2
    folder = Path(tempfile.mkdtemp(prefix="power-injected-"))
    told: Counter[str] = Counter()
    failed = 0
    try:
        for number, one in enumerate(strikes(args.every, folder)):
            found = strike(one, folder / str(number))
            told[f"{one.call} {one.error}"] += 1
            for problem in found.problems:
                failed += 1
                print(f"{one}: {problem}", flush=True)
            shutil.rmtree(folder / str(number))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print("\n".join(f"{count:>8}  {name}" for name, count in told.most_common()))
    print(f"failed: {failed}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
