"""What the acquirer's file says of refunds and voids (R32)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from msgspec import Struct

from pos_terminal.core.effect import AFTERWARDS, Told
from pos_terminal.core.normal import normal
from pos_terminal.core.reference import spelled
from pos_terminal.core.refund import Kind
from pos_terminal.wire.feed.problem import Problem

NO_CARD: Final = "reference is no place for a card number"
"""Of a line whose reference is the number of its own card."""


class Outcome(Struct, frozen=True):
    """One line of the file about this terminal."""

    line: int
    batch: str
    """Empty for the form of a manual refund, whose application's number is the ``stan``."""
    stan: str
    kind: Kind
    amount: int
    """What was asked for, minor units."""
    done: int
    """What was paid, or came back; 0 for "not paid"."""
    rrn: str
    auth_code: str
    happened_on: str
    """The acquirer's day, ISO 8601, or empty."""
    reference: str
    content: str
    """Digest of the record: the same one twice is one."""
    original_rrn: str = ""
    """Of the payment that it gives back."""
    original_on: str = ""
    """That payment's day, ISO 8601."""
    masked: str = ""
    application: int | None = None
    """Our number of the application."""
    told: Told = Told.PAID
    arn: str = ""
    """Acquirer reference number, by which the bank of the account finds it."""

    @property
    def paid(self) -> bool:
        """Whether the customer was paid by it: not by what came back."""
        return self.done > 0 and self.told is not Told.RETURNED

    @property
    def afterwards(self) -> bool:
        """Whether it tells what became of a payment, and not of another one."""
        return self.told in AFTERWARDS

    def same_posting(self, rrn: str, reference: str) -> bool:
        """Whether the acquirer tells of one posting: it finds it under no other number."""
        rrns = bool(self.rrn and rrn) and spelled(self.rrn) != spelled(rrn)
        return not rrns and normal(self.reference) == normal(reference)


class OutcomeFile(Struct, frozen=True):
    """A whole file. With problems nothing of it is taken."""

    source: str
    digest: str
    """SHA-256 of the file's bytes, hex."""
    outcomes: Sequence[Outcome]
    """One for each request."""
    others: int = 0
    """Records of the merchant's other terminals."""
    problems: Sequence[Problem] = ()
    again: Sequence[Outcome] = ()
    """Further postings of requests in ``outcomes``: the money went out more than once."""

    @property
    def records(self) -> int:
        return len(self.outcomes) + len(self.again) + self.others
