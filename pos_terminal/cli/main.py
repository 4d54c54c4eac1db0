"""Arguments of ``pos-terminal`` and the command that each one names."""

from __future__ import annotations

from collections.abc import Sequence


def run_command(arguments: Sequence[str]) -> int:
    """Run one command; the exit status."""
    raise NotImplementedError(arguments)
