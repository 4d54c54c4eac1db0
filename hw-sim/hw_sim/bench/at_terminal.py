"""The terminal on a bench: how it is started, and what its control socket is asked."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import Any

from hw_sim.bench.client import NotThere, ask
from hw_sim.bench.files import Files, read_bench
from hw_sim.device import BenchError

_SECONDS = 10.0
_AT_ONCE_SECONDS = 60.0
"""The longest that one request asks the terminal to wait; it allows ten times that."""
_RETRY_SECONDS = 0.05
"""A terminal that is not up yet: so long between attempts to reach it."""


def control(folder: Path) -> str:
    """Path of the terminal's control socket."""
    return str(read_bench(folder)["control"])


def screen_of(folder: Path) -> dict[str, Any]:
    """``{"prompt", "rows", "columns"}`` now. BenchError where no terminal runs."""
    answer = _answer(ask(control(folder), {"verb": "screen"}, seconds=_SECONDS))
    return {name: answer[name] for name in ("prompt", "rows", "columns")}


def screens_of(folder: Path, since: int) -> list[dict[str, Any]]:
    """Every screen shown after that of this serial, ``{"serial", "prompt", "rows", "columns"}``.

    BenchError where no terminal runs, or where screens were shown that it keeps no longer.
    """
    request = {"verb": "screens", "since": since}
    found: list[dict[str, Any]] = _answer(ask(control(folder), request, seconds=_SECONDS))[
        "screens"
    ]
    if found and found[0]["serial"] > since + 1:
        raise BenchError(f"screens {since + 1} to {found[0]['serial'] - 1} are kept no longer")
    return found


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
    from hw_sim.bench.terminal_config import read_environment

    try:
        return {**os.environ, **read_environment(files.environment.read_text("utf-8"))}
    except OSError as error:
        raise BenchError(f"{files.environment}: {error.strerror}: start the bench first") from None


def _answer(answer: dict[str, Any]) -> dict[str, Any]:
    if not answer.get("ok"):
        raise BenchError(str(answer.get("tech") or answer.get("error") or "the terminal said no"))
    return answer
