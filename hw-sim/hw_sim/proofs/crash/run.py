"""``python -m hw_sim.proofs.crash.run``: the terminal itself, which stops at a named step.

It is ``pos-terminal run`` with points around its ledger, its line, its printer and its cards
(``points.py``); everything else is what a shop runs. The product has no such hook: its composition
root is called with another ``World``.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from hw_sim.device import BenchError
from hw_sim.proofs.crash import devices
from hw_sim.proofs.crash.ledger import DISK_FULL, Disk, with_points
from hw_sim.proofs.crash.line import Lines
from hw_sim.proofs.crash.points import Points
from pos_terminal.app import World, run_terminal
from pos_terminal.config import Config, load
from pos_terminal.profiles import load as load_profile
from pos_terminal.services.host.connect import make_connect
from pos_terminal.services.process.logs import logging_off_the_loop
from pos_terminal.services.process.trusted_clock import kernel_synchronised, system_wall


def parser() -> argparse.ArgumentParser:
    found = argparse.ArgumentParser(prog="python -m hw_sim.proofs.crash.run", description=__doc__)
    add = found.add_argument
    add("--config", type=Path, required=True, help="terminal.toml")
    add("--orders", type=Path, required=True, help="Unix socket for cards and points")
    add("--at", action="append", default=[], metavar="POINT", help="armed from the start")
    add("--marks", action="store_true", help="let points show in a trace of system calls")
    add("--clock", type=float, default=0.0, metavar="S", help="seconds that the clock is ahead")
    add("--clock-proven", action="store_true", help="as if NTP kept it")
    return found


def make_world(args: argparse.Namespace, config: Config) -> World:
    """The outside of the terminal, with points. BenchError for a bad one."""
    points, disk = Points(marks=args.marks), Disk()
    lines = Lines(points, load_profile(config.acquirer.profile))
    points.offer(DISK_FULL, disk.fill)
    for text in args.at:
        points.arm(text)
    return World(
        devices=partial(devices.make, points=points, disk=disk, orders=args.orders),
        connect=lambda config: lines.through(make_connect(config)),
        ledger=lambda store: with_points(store, points, disk),
        wall=_ahead(args.clock),
        synchronised=(lambda: True) if args.clock_proven else kernel_synchronised,
    )


def _ahead(seconds: float) -> Callable[[], datetime]:
    ahead = timedelta(seconds=seconds)
    return lambda: system_wall() + ahead


def main() -> int:
    args = parser().parse_args()
    config = load(args.config)
    try:
        world = make_world(args, config)
    except BenchError as error:
        print(f"hw_sim.proofs.crash.run: {error}", file=sys.stderr)
        return 2
    with logging_off_the_loop():
        asyncio.run(run_terminal(config, world))
    return 0


if __name__ == "__main__":
    sys.exit(main())
