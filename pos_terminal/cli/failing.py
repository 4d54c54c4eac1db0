"""How a command that could not do what was asked ends."""

from __future__ import annotations

import re
import sys
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pos_terminal.core.words import ConfigFailure, Failure, UsageFailure

if TYPE_CHECKING:
    from pos_terminal.texts import Language

_FILE: Final = re.compile(r"(?<![\w./-])terminal\.toml|(?<=--config )FILE")
USAGE: Final = 2
"""Exit status for a wrong command line or configuration."""


def language_of(config: Path) -> Language | None:
    """Of a terminal's screens, as far as a file says it that is wrong elsewhere; None: it can't be
    read."""
    from pos_terminal.texts import Language

    try:
        told = tomllib.loads(config.read_text("utf-8"))["terminal"]
        return Language(told.get("language", Language.ZH_CN))
    except (OSError, ValueError, LookupError, AttributeError):
        return None


def status_of(failure: Failure) -> int:
    """1 could not, 2 wrong arguments or settings."""
    return USAGE if isinstance(failure, ConfigFailure | UsageFailure) else 1


def with_file(advice: str, config: Path | None) -> str:
    """The technician's line with the file that was given in place of its usual name."""
    return advice if config is None else _FILE.sub(lambda _: str(config), advice)


def print_failure(
    failure: Failure, config: Path | None = None, language: Language | None = None
) -> None:
    """What is wrong, and the technician's line; in English without a ``language``, and wrong
    arguments in both."""
    from pos_terminal.texts import Language, render, technician

    both = isinstance(failure, UsageFailure)
    languages = Language if both else (language or Language.EN,)
    print(" / ".join(render(failure.words, one) for one in languages), file=sys.stderr)
    print(with_file(technician(failure.words), config), file=sys.stderr)
