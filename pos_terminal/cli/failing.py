"""How a command that could not do what was asked ends."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Final

from pos_terminal.core.words import ConfigFailure, Failure, UsageFailure

_FILE: Final = re.compile(r"(?<![\w./-])terminal\.toml|(?<=--config )FILE")
USAGE: Final = 2
"""Exit status for a wrong command line or configuration."""


def status_of(failure: Failure) -> int:
    """1 could not, 2 wrong arguments or settings."""
    return USAGE if isinstance(failure, ConfigFailure | UsageFailure) else 1


def with_file(advice: str, config: Path | None) -> str:
    """The technician's line with the file that was given in place of its usual name."""
    return advice if config is None else _FILE.sub(lambda _: str(config), advice)


def print_failure(failure: Failure, config: Path | None = None) -> None:
    """What is wrong, and the technician's line; wrong arguments in both languages."""
    from pos_terminal.texts import Language, render, technician

    languages = Language if isinstance(failure, UsageFailure) else (Language.EN,)
    print(" / ".join(render(failure.words, one) for one in languages), file=sys.stderr)
    print(with_file(technician(failure.words), config), file=sys.stderr)
