"""What the connections of one process of the terminal did, seen between it and the acquirer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

SETTLES: Final = 0.6
"""Seconds: a connection that is closed at once proves nothing, so that it is looked at so long."""


class Wire:
    """What one process's connections did."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self.last = ""
        """``opened``, ``refused``, ``heard`` or ``ended``; empty: nothing was tried."""
        self.at = 0.0
        """When it was tried or heard last, in the loop's seconds."""
        self.unanswered = False
        """Something was sent, and nothing was heard since."""

    def opened(self) -> None:
        self._did("opened")

    def refused(self) -> None:
        self._did("refused")

    def heard(self) -> None:
        self.unanswered = False
        self._did("heard")

    def sent(self) -> None:
        self.unanswered = True

    def ended(self) -> None:
        """By the other side. Of a connection that nobody used any more it says nothing."""
        self.last = "ended"

    def _did(self, what: str) -> None:
        self.last, self.at = what, self._now()

    def objection(self, told: str) -> str | None:
        """What is wrong with saying so."""
        opened_just_now = self.last == "opened" and self._now() - self.at < SETTLES
        fits = {
            "unknown": not self.last,
            "up": self.last in ("opened", "heard", "ended"),
            "down": self.last in ("refused", "ended") or opened_just_now,
            "silent": self.last != "refused" and self.unanswered,
        }
        if fits[told]:
            return None
        return f"the line is said to be {told}, and the wire last {self.last or 'did nothing'}"
