"""``hw-sim up DIR``: the bench in the foreground, from start to a clean stop."""

from __future__ import annotations

import asyncio
import fcntl
import shutil
import signal
import sys
from pathlib import Path

from hw_sim.bench import lock, processes
from hw_sim.bench.files import Files
from hw_sim.bench.options import Options
from hw_sim.bench.world import World
from hw_sim.device import BenchError


def run(options: Options) -> int:
    """Exit status: 0 after SIGTERM or Ctrl-C, 1 where the bench can't come up."""
    files = Files(options.folder)
    try:
        options.folder.mkdir(parents=True, exist_ok=True)
        with lock.claimed(files):
            _refuse_running_terminal(files)
            lock.clear_leftovers(files)
            _clear(files)
            processes.adopt_orphans()
            return asyncio.run(_serve(options))
    except BenchError as error:
        print(f"hw-sim up: {error}", file=sys.stderr)
    except OSError as error:
        print(f"hw-sim up: {error.filename or options.folder}: {error.strerror}", file=sys.stderr)
    return 1


async def _serve(options: Options) -> int:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        loop.add_signal_handler(number, stop.set)
    world = World(options)
    try:
        stopped = asyncio.create_task(stop.wait())
        starting = asyncio.create_task(world.start())
        await asyncio.wait({starting, stopped}, return_when=asyncio.FIRST_COMPLETED)
        if starting.done():
            starting.result()
            print("ready", flush=True)
            await stopped
        else:
            starting.cancel()
            await asyncio.wait({starting})
        stopped.cancel()
    finally:
        await world.stop()
    return 0


def _refuse_running_terminal(files: Files) -> None:
    """A terminal of an earlier bench that still runs would lose its ledger under its feet."""
    for path in files.data.glob("*.lock"):
        with path.open("rb") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                raise BenchError(
                    f"the terminal of {files.folder} still runs: stop it first"
                ) from None


def _clear(files: Files) -> None:
    """A bench starts anew: what an earlier one made here goes, and nothing else."""
    for folder in (files.data, files.tls):
        shutil.rmtree(folder, ignore_errors=True)
    for path in _made(files):
        path.unlink(missing_ok=True)


def _made(files: Files) -> list[Path]:
    return [
        files.bench,
        files.config,
        files.environment,
        files.people,
        files.acquirer_keys,
        files.sales,
        files.acquirer_sales,
        files.samples,
    ]
