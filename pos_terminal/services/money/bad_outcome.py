"""A line of the acquirer's file that contradicts itself or what was told before."""

from __future__ import annotations


class BadOutcome(Exception):
    """The line can't be true of this ledger; the text says why."""
