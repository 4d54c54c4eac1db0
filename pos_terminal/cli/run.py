"""``pos-terminal run``: the service."""

from __future__ import annotations

import argparse
import asyncio
import gc
import os
import signal
from pathlib import Path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--config", type=Path, required=True, help="terminal.toml")


def run(arguments: argparse.Namespace) -> int:
    """Until SIGTERM or SIGINT. Failure ``config.*`` before anything is opened."""
    gc.disable()  # nothing that is imported is garbage
    from pos_terminal.app import run_terminal
    from pos_terminal.config import load
    from pos_terminal.services.process.logs import logging_off_the_loop

    config = load(arguments.config)
    gc.freeze()  # and no collection looks through it again
    gc.enable()
    if not os.isatty(0):
        # a device that is a terminal of its own must not hang us up when it is pulled
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
    with logging_off_the_loop():
        asyncio.run(run_terminal(config))
    return 0
