"""What one line of the acquirer's file comes to (R32)."""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class Effect(StrEnum):
    CONCLUDED = "concluded"
    """An unknown outcome ended, or what was given up turned out to be paid."""
    AGREES = "agrees"
    CONTRADICTS = "contradicts"
    """The ledger's final state is another: a case; the sale is locked where more was paid."""
    PAID_TWICE = "paid_twice"
    """Another posting of what was paid already: a case, and the sale is locked."""
    PAID_UNKNOWN = "paid_unknown"
    """Paid under a number of this terminal that the ledger knows nothing of: a case."""
    OF_TILL = "of_till"
    """Of a till on the same machine, which drew its number."""
    LEFT = "left"
    """Not yet: under way on the line, or before the acquirer's cut-off."""
    UNMATCHED = "unmatched"
    """The ledger knows nothing of it: not paid, or from before this ledger began."""
    CREDITED = "credited"
    """What was given back is on the customer's account (R50)."""
    RETURNED = "returned"
    """It came back from there: the tender is free again, and a case open."""
    OVERPAID = "overpaid"
    """On the account after all, after it had come back: a case, and the sale is locked."""
    KNOWN = "known"
    """The same record was taken before."""


class Told(StrEnum):
    """What a line says of its request."""

    PAID = "paid"
    NOT_PAID = "not_paid"
    CREDITED = "credited"
    """On the customer's account."""
    RETURNED = "returned"
    """Come back from the account."""


AFTERWARDS: Final = frozenset({Told.CREDITED, Told.RETURNED})
"""What becomes of a payment once it is made: no further posting of its request."""
#: not the ledger's own requests
STRANGERS: Final = frozenset({Effect.PAID_UNKNOWN, Effect.OF_TILL, Effect.UNMATCHED})
FINAL: Final = frozenset(Effect) - {Effect.LEFT, Effect.UNMATCHED, Effect.KNOWN}
"""Taken once and for all; the others are looked at again when the record comes again."""
STORED: Final = frozenset(Effect) - {Effect.KNOWN}
"""What a line is kept with."""
OPENS_CASE: Final = frozenset(
    {Effect.CONTRADICTS, Effect.PAID_TWICE, Effect.PAID_UNKNOWN, Effect.OVERPAID}
)
