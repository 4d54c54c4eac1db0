"""Time, and whether it may be believed."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from pos_terminal.core.words import Words


class Clock(Protocol):
    """Wall time with the shop's UTC offset, and a monotonic count of seconds."""

    def now(self) -> datetime: ...
    def monotonic(self) -> float: ...


class TrustedClock(Clock, Protocol):
    """A clock that knows whether it may be believed (R70)."""

    @property
    def doubt(self) -> Words | None:
        """Why the time can't be trusted; None when it can."""

    def acquirer_time(self, mmdd: str, hhmmss: str) -> None:
        """Fields 13 and 12 of a sign-on whose sender is proven."""
