"""What people write down so that others find a paper or a posting again (R38, R75)."""

from __future__ import annotations

from typing import Final

LEAST: Final = 4
"""Letters or digits."""


def signs(reference: str) -> int:
    """How many letters and digits it has: dots, strokes and blanks name nothing."""
    return sum(map(str.isalnum, reference))


def names_one(reference: str) -> bool:
    return signs(reference) >= LEAST
