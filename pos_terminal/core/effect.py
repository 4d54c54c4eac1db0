"""What one line of the acquirer's file comes to (R32)."""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class Effect(StrEnum):
    CONCLUDED = "concluded"
    """An unknown outcome ended, or what was given up turned out to be paid."""
    AGREES = "agrees"
    CONTRADICTS = "contradicts"
    """The ledger's final state is another: a case, and no money."""
    LEFT = "left"
    """Not yet: under way on the line, or before the acquirer's cut-off."""
    UNMATCHED = "unmatched"
    """The ledger knows nothing of it."""
    KNOWN = "known"
    """The same record was taken before."""


FINAL: Final = frozenset({Effect.CONCLUDED, Effect.AGREES, Effect.CONTRADICTS})
"""Taken once and for all; the others are looked at again when the record comes again."""
STORED: Final = frozenset(Effect) - {Effect.KNOWN}
"""What a line is kept with."""
