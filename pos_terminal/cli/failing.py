"""How a command that could not do what was asked ends."""

from __future__ import annotations

import sys
from typing import Final

from pos_terminal.core.words import ConfigFailure, Failure, UsageFailure

USAGE: Final = 2
"""Exit status for a wrong command line or configuration."""


def status_of(failure: Failure) -> int:
    """1 could not, 2 wrong arguments or settings."""
    return USAGE if isinstance(failure, ConfigFailure | UsageFailure) else 1


def print_failure(failure: Failure) -> None:
    """What is wrong, and the technician's line; wrong arguments in both languages."""
    from pos_terminal.texts import Language, render, technician

    languages = Language if isinstance(failure, UsageFailure) else (Language.EN,)
    print(" / ".join(render(failure.words, one) for one in languages), file=sys.stderr)
    print(technician(failure.words), file=sys.stderr)
