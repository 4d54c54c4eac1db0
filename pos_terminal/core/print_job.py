"""What becomes of a slip on its way to paper."""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class JobState(StrEnum):
    READY = "ready"
    SENDING = "sending"
    CONFIRMED = "confirmed"
    UNKNOWN = "unknown"
    """Interrupted: ask the clerk, print it whole again and marked, never by itself."""
    DROPPED = "dropped"
    """The clerk had the slip after all."""


#: states in which the slip may still have to be printed
UNPRINTED: Final = frozenset({JobState.READY, JobState.SENDING, JobState.UNKNOWN})
