"""Refunds: what is known of each, and the small things that happen to one.

What seals and concludes them writes more than refunds: it stands with the ledger as a whole.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from msgspec import Struct

from pos_terminal.core.interface import Interface
from pos_terminal.core.pan import Pan
from pos_terminal.core.refund import CardMatch, Refund
from pos_terminal.core.rules.book import Past
from pos_terminal.core.sale import Funding
from pos_terminal.wire.iso8583.message import Message


class CardFacts(Struct, frozen=True):
    """The presented card, as far as the seal needs it."""

    pan: Pan
    expiry: str | None
    """YYMM."""
    sequence: str | None
    """PAN sequence number, 5F34, three digits."""
    interface: Interface
    scheme: str
    funding: Funding
    token: str
    match: CardMatch


class Drawn(Struct, frozen=True):
    """What the seal takes from the ledger for a request: unique together in the batch."""

    refund_id: int
    stan: str
    batch: str
    at: datetime


class Sealed(Struct, frozen=True):
    """A durable intent: its refund, and the whole request in memory."""

    refund: Refund
    message: Message


class AnswerFacts(Struct, frozen=True):
    """What is kept of the acquirer's answer."""

    response: str | None
    rrn: str | None
    auth_code: str | None
    amount: int | None
    at: str | None
    """Fields 13 and 12 of the answer: MMDDhhmmss."""
    fields: Mapping[str, str]
    """The other fields, masked, for the record."""


class RefundReads(Past, Protocol):
    """With what the rules ask of earlier refunds."""

    def by_id(self, refund_id: int) -> Refund | None: ...

    def by_number(self, batch: str, stan: str) -> Refund | None: ...

    def of_sale(self, sale_key: int) -> Sequence[Refund]: ...

    def open_ones(self) -> Sequence[Refund]:
        """SEALED, UNKNOWN and REVERSING, oldest first."""

    def given_up(self, stan: str) -> Sequence[Refund]:
        """GIVEN_UP ones with this STAN, oldest first: a late approval may still come."""

    def recently_given_up(self) -> Sequence[Refund]:
        """GIVEN_UP ones, newest first, at most 50."""

    def to_hand_over(self) -> Sequence[Refund]:
        """Cash committed but not confirmed as handed over (R36)."""


class Refunds(RefundReads, Protocol):
    async def count_repeat(self, refund_id: int) -> int:
        """One more repeat or reversal try; the new count."""

    async def handed_over(self, refund_id: int, operator: str) -> Refund:
        """The clerk confirms that the customer has the money (R36). Raises IllegalMove."""

    async def drawer_opened(self, refund_id: int, operator: str) -> None:
        """Durable before the pulse, so that a retry knows of it. Failure ``ledger.no_cash``."""
