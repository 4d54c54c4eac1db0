"""The states of an application for money back."""

from __future__ import annotations

from enum import StrEnum


class ApplicationState(StrEnum):
    OPEN = "open"
    """Being entered, or kept to come up again."""
    REFUSED = "refused"
    """By a rule."""
    CANCELLED = "cancelled"
    """Given up before anything was sealed."""
    SEALED = "sealed"
    DONE = "done"
    FAILED = "failed"
    """Sealed, and nothing was given back."""


class Withdrawn(StrEnum):
    """Why one was cancelled, where that is not the code of a failure."""

    CLERK = "clerk"
    RESTART = "restart"
    TAKEN_UP_AGAIN = "taken_up_again"
    """Another one was made of it."""
    NOTHING_LEFT = "nothing_left"
    """It waited for the merchant's funds, and its payment went back in another way."""
