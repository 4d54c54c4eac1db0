"""What becomes of a slip on its way to paper."""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class JobState(StrEnum):
    READY = "ready"
    SENDING = "sending"
    CONFIRMED = "confirmed"
    """The printer said that it is printed."""
    TAKEN = "taken"
    """The printer took all of it up and nothing went wrong. It can't say more: done, but nobody
    calls it printed."""
    UNKNOWN = "unknown"
    """Upset: ask the clerk, print it whole again and marked, never by itself."""
    DROPPED = "dropped"
    """The clerk had the slip after all."""


class Upset(StrEnum):
    """What happened to a slip whose end is unknown. Without one of these nobody is asked."""

    OFFLINE = "offline"
    """Paper, cover or an error in its midst, of a printer that can't say what is printed."""
    HANG_UP = "hang_up"
    """The line went away."""
    POWER_ON = "power_on"
    """The printer was switched on: what was in its buffer is lost."""
    SILENT = "silent"
    """Its status was lost: it stopped answering."""
    NO_END = "no_end"
    """It answers, and the end of the slip, which it could tell before, did not come."""
    CRASH = "crash"
    """The terminal stopped in between."""
    DEFECT = "defect"
    """The slip could not be made."""


#: states in which the slip may still have to be printed
UNPRINTED: Final = frozenset({JobState.READY, JobState.SENDING, JobState.UNKNOWN})
#: states in which nothing is left to do
DONE: Final = frozenset(JobState) - UNPRINTED
