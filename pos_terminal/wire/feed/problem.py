"""What is wrong with a file."""

from __future__ import annotations

from msgspec import Struct


class Problem(Struct, frozen=True):
    """A line that can't be taken, and why. Never repeats what may be a card number."""

    line: int
    """Counted from 1; 0 for the file as a whole."""
    reason: str
