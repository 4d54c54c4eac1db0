"""``pos-terminal run``: the service."""

from __future__ import annotations

import argparse
import asyncio
import gc
import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pos_terminal.texts import Language


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--config", type=Path, required=True, help="terminal.toml")


def run(arguments: argparse.Namespace) -> int:
    """Until SIGTERM or SIGINT. Failure ``config.*`` before anything is opened."""
    gc.disable()  # nothing that is imported is garbage
    from pos_terminal.app import run_terminal
    from pos_terminal.config import load
    from pos_terminal.services.process.logs import errors_on, logging_off_the_loop

    config = load(arguments.config)
    gc.freeze()  # and no collection looks through it again
    gc.enable()
    if not os.isatty(0):
        # a device that is a terminal of its own must not hang us up when it is pulled
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
    on_screen = config.display.backend == "ansi" and errors_on(config.display.device)
    with logging_off_the_loop(file=config.log if on_screen else None) as file:
        try:
            asyncio.run(run_terminal(config))
        finally:
            if file is not None:  # now that the screen is given back: it would have gone with it
                _tell_where(file, config.terminal.language)
    return 0


def _tell_where(file: Path, language: Language) -> None:
    from pos_terminal.core.words import say
    from pos_terminal.texts import render  # only here

    print(render(say("cli.log_file", file=str(file)), language), file=sys.stderr)
