"""How far a case has come, as a clerk reads it (R45)."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from msgspec import Struct


class Progress(StrEnum):
    NEW = "new"
    """Nothing was done about it yet, and nobody needs to today."""
    WAITING = "waiting"
    """Until a day."""
    OUTCOME = "outcome"
    """Of its refund: it ends with that, and nobody looks at it before."""
    DUE = "due"
    CLOSED = "closed"


class Standing(Struct, frozen=True):
    """What it is derived from."""

    open: bool
    due_on: date
    steps: int
    outcome_open: bool

    def on(self, today: date) -> Progress:
        """``today``: the shop's day."""
        if not self.open:
            return Progress.CLOSED
        if self.outcome_open:
            return Progress.OUTCOME
        if self.due_on <= today:
            return Progress.DUE
        return Progress.WAITING if self.steps else Progress.NEW
