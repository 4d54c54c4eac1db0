"""The verbs that ask the terminal, by its control socket, and the one that runs it."""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import time
from pathlib import Path
from typing import Any

from hw_sim.bench import show
from hw_sim.bench.client import NotThere, ask
from hw_sim.bench.files import Files, read_bench
from hw_sim.cli_bench import AddVerb
from hw_sim.device import BenchError

_SECONDS = 10.0
_AT_ONCE_SECONDS = 60.0
"""The longest that one request asks the terminal to wait; it allows ten times that."""
_RETRY_SECONDS = 0.05
"""A terminal that is not up yet: so long between attempts to reach it."""


def add_verbs(verb: AddVerb) -> None:
    screen = verb("screen", _screen, "the rows as the clerk sees them, and the prompt's name")
    screen.add_argument("--json", action="store_true", help="as JSON")
    wait = verb("wait", _wait, "wait until the terminal asks for something")
    wait.add_argument("prompt", metavar="PROMPT", help="a prompt's name, or several with | between")
    wait.add_argument("--timeout", type=float, default=30.0, metavar="S", help="seconds (30)")
    state = verb("state", _state, "devices and acquirer as the terminal sees them, as JSON")
    state.set_defaults(json=True)
    run = verb("terminal", _terminal, "run the terminal on this bench, in the foreground")
    run.add_argument("words", nargs=argparse.REMAINDER, metavar="ARG", help="for pos-terminal run")


def control(folder: Path) -> str:
    """Path of the terminal's control socket."""
    return str(read_bench(folder)["control"])


def screen_of(folder: Path) -> dict[str, Any]:
    """``{"prompt", "rows", "columns"}`` now. BenchError where no terminal runs."""
    answer = _answer(ask(control(folder), {"verb": "screen"}, seconds=_SECONDS))
    return {name: answer[name] for name in ("prompt", "rows", "columns")}


def state_of(folder: Path) -> dict[str, Any]:
    """Devices, acquirer link and what is open. BenchError where no terminal runs."""
    answer = _answer(ask(control(folder), {"verb": "state"}, seconds=_SECONDS))
    return {name: value for name, value in answer.items() if name != "ok"}


def wait_for(folder: Path, prompts: str, seconds: float) -> str:
    """The first of ``prompts`` (names with ``|`` between) that comes up. BenchError in time."""
    socket, until = control(folder), time.monotonic() + seconds
    while True:
        left = min(max(0.0, until - time.monotonic()), _AT_ONCE_SECONDS)
        request = {"verb": "wait", "prompt": prompts, "timeout": left}
        try:
            answer = ask(socket, request, seconds=left + _SECONDS)
        except NotThere:
            if time.monotonic() >= until:
                raise BenchError(f"no terminal runs (waited {seconds:g} s)") from None
            time.sleep(_RETRY_SECONDS)
            continue
        if answer.get("error") == "timeout":
            if time.monotonic() < until:
                continue
            shown = answer.get("prompt")
            raise BenchError(f"{prompts} did not come within {seconds:g} s; now at {shown}")
        return str(_answer(answer)["prompt"])


def terminal_command(words: list[str], files: Files) -> list[str]:
    """``pos-terminal run`` of this very environment, on the bench's configuration."""
    run = [sys.executable, "-P", "-m", "pos_terminal", "run"]
    return [*run, "--config", str(files.config), *words]


def terminal_environment(files: Files) -> dict[str, str]:
    """Ours, and the variables of ``terminal.env``."""
    from hw_sim.bench.terminal_config import read_environment  # noqa: PLC0415 - start-up time

    try:
        return {**os.environ, **read_environment(files.environment.read_text("utf-8"))}
    except OSError as error:
        raise BenchError(f"{files.environment}: {error.strerror}: start the bench first") from None


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


def _answer(answer: dict[str, Any]) -> dict[str, Any]:
    if not answer.get("ok"):
        raise BenchError(str(answer.get("tech") or answer.get("error") or "the terminal said no"))
    return answer


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
