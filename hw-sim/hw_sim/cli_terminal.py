"""The verbs that ask the terminal, by its control socket, and the one that runs it."""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys

from hw_sim.arguments import seconds
from hw_sim.bench import show
from hw_sim.bench.at_terminal import (
    screen_of,
    state_of,
    terminal_command,
    terminal_environment,
    wait_for,
)
from hw_sim.bench.client import NotThere
from hw_sim.bench.files import Files
from hw_sim.cli_bench import AddVerb
from hw_sim.device import BenchError


def add_verbs(verb: AddVerb) -> None:
    screen = verb("screen", _screen, "the rows as the clerk sees them, and the prompt's name")
    screen.add_argument("--json", action="store_true", help="as JSON")
    wait = verb("wait", _wait, "wait until the terminal asks for something")
    wait.add_argument("prompt", metavar="PROMPT", help="a prompt's name, or several with | between")
    wait.add_argument(
        "--timeout", type=seconds(0, 1e6), default=30.0, metavar="S", help="seconds (30)"
    )
    state = verb("state", _state, "devices and acquirer as the terminal sees them, as JSON")
    state.set_defaults(json=True)
    run = verb("terminal", _terminal, "run the terminal on this bench, in the foreground")
    run.add_argument("words", nargs=argparse.REMAINDER, metavar="ARG", help="for pos-terminal run")


def _bear_hang_ups() -> None:
    """Let no pulled device end the terminal.

    An emulated keypad is a pty. Opened by the leader of a session that has no terminal, it becomes
    that session's, and pulling it sends SIGHUP. A kernel's input device is no tty.
    """
    if os.getsid(0) != os.getpid():
        return
    try:
        os.close(os.open("/dev/tty", os.O_RDONLY | os.O_NOCTTY))
    except OSError:
        signal.signal(signal.SIGHUP, signal.SIG_IGN)


def _screen(args: argparse.Namespace) -> int:
    try:
        found = screen_of(args.folder)
    except NotThere:
        raise BenchError("no terminal runs: start one with `hw-sim terminal`") from None
    if args.json:
        print(json.dumps(found, ensure_ascii=False, indent=2))
    else:
        print(show.screen(found["prompt"], found["rows"], found["columns"]))
    return 0


def _wait(args: argparse.Namespace) -> int:
    print(wait_for(args.folder, args.prompt, args.timeout))
    return 0


def _state(args: argparse.Namespace) -> int:
    try:
        found = state_of(args.folder)
    except NotThere:
        raise BenchError("no terminal runs: start one with `hw-sim terminal`") from None
    print(json.dumps(found, ensure_ascii=False, indent=2))
    return 0


def _terminal(args: argparse.Namespace) -> int:
    files = Files(args.folder.resolve())
    environment = terminal_environment(files)
    _bear_hang_ups()
    os.execve(sys.executable, terminal_command(args.words, files), environment)  # noqa: S606
