"""Whose sales this terminal gives back, asked by ``provision`` and kept in ``terminal.toml``."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Final

from pos_terminal.cli.provision_console import Console, ask_until
from pos_terminal.config import Config, load
from pos_terminal.core.words import ConfigFailure, Failure, say

_ALL: Final = "all"
_TERMINAL: Final = re.compile(r"[0-9A-Za-z]{8}")
_SALES: Final = re.compile(r"^[ \t]*\[[ \t]*sales[ \t]*\][ \t]*(#.*)?$", re.MULTILINE)


def ask_home(console: Console) -> str:
    """Asked until it is answered; the line of ``[sales]`` that says so."""
    answer = ask_until(console, lambda: console.ask(say("provision.ask_home")), _check)
    home = _ALL if answer == _ALL else answer.split()
    return f"home = {json.dumps(home)}"


def keep_home(console: Console, config: Config, line: str) -> None:
    """Written down once all else is; told by hand where the file is not ours."""
    try:
        _write(config.file, line)
    except (OSError, ConfigFailure):
        console.tell(say("provision.home_by_hand", line=line, file=str(config.file)))
    else:
        console.tell(say("provision.home_kept", line=line, file=str(config.file)))


def _check(answer: str) -> None:
    if answer != _ALL and not all(_TERMINAL.fullmatch(one) for one in answer.split()):
        raise Failure("provision.home")


def _write(file: Path, line: str) -> None:
    """Into ``[sales]``, all else as it was; held against a reading of it before it counts."""
    text = file.read_text("utf-8")
    if _SALES.search(text):
        text = _SALES.sub(lambda found: f"{found[0]}\n{line}", text, count=1)
    else:
        text = f"{text.rstrip()}\n\n[sales]\n{line}\n"
    new = file.with_name(f"{file.name}.new")
    try:
        new.write_text(text, "utf-8")
        load(new)
        new.chmod(file.stat().st_mode & 0o777)
        new.replace(file)
    finally:
        new.unlink(missing_ok=True)
