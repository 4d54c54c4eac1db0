"""Whether goods come back with the money (R11): an amount that was typed does not say."""

from __future__ import annotations

from enum import StrEnum


class GoodsBack(StrEnum):
    """What is known of it, of a sale that has goods left."""

    NAMED = "named"
    """Those that the application names, or another leg of its plan."""
    NONE = "none"
    """Nothing comes back: it was never received, or too much was charged."""
    UNKNOWN = "unknown"
    """Some may, and nobody said which."""
