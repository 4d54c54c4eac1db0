"""Time, and whether it may be believed."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from pos_terminal.core.words import Words


class Clock(Protocol):
    """Wall time with the shop's UTC offset of that day, and a monotonic count of seconds."""

    def now(self) -> datetime: ...
    def monotonic(self) -> float: ...


def believed_now(clock: Clock) -> datetime | None:
    """Its time; None where it is in doubt. What can't be in doubt is the clock of a test."""
    return None if getattr(clock, "doubt", None) is not None else clock.now()


class TrustedClock(Clock, Protocol):
    """A clock that knows whether it may be believed (R70)."""

    @property
    def doubt(self) -> Words | None:
        """Why the time can't be trusted; None when it can."""

    @property
    def question(self) -> Words | None:
        """The date that a supervisor is to confirm; None where there is nothing to confirm."""

    def confirm(self, asked: Words) -> None:
        """A supervisor said that the date in this question is right."""

    def acquirer_time(self, mmdd: str, hhmmss: str) -> None:
        """Fields 13 and 12 of a sign-on whose sender is proven."""
