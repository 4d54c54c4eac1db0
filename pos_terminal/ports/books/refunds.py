"""Refunds: what is known of each, and the small things that happen to one.

What seals and concludes them writes more than refunds: it stands with the ledger as a whole.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Protocol

from pos_terminal.core.refund import Refund
from pos_terminal.core.rules.book import Past


class RefundReads(Past, Protocol):
    """With what the rules ask of earlier refunds."""

    def by_id(self, refund_id: int) -> Refund | None: ...

    def by_number(self, batch: str, stan: str) -> Refund | None: ...

    def of_sale(self, sale_key: int) -> Sequence[Refund]: ...

    def goods_came_back(self, sale_key: int) -> datetime | None:
        """The last ones of this sale, by a refund that stands; None where none did."""

    def open_ones(self) -> Sequence[Refund]:
        """SEALED, UNKNOWN and REVERSING, oldest first."""

    def unpaid(self, stan: str) -> Sequence[Refund]:
        """GIVEN_UP, DECLINED and NOT_SENT ones with this STAN, oldest first: an approval may still
        come, and contradicts them."""

    def recently_given_up(self) -> Sequence[Refund]:
        """GIVEN_UP ones, newest first, at most 50."""

    def first_confirmed(self) -> date | None:
        """The day of the first that was accepted already when the acquirer's file told that it is
        paid, or on the account: from that day on its file is known to confirm them."""

    def unconfirmed(self, first: date, before: date) -> Sequence[Refund]:
        """Accepted ones from this day on and before this day, oldest first, at most 50: no file
        has told of them, and there is no case that they come late, open or closed since that day.
        Of the last 60 days."""

    def to_hand_over(self) -> Sequence[Refund]:
        """Cash committed but not confirmed as handed over (R36)."""

    def was_drawer_opened(self, ticket: int) -> bool:
        """For any cash of this ticket."""


class Refunds(RefundReads, Protocol):
    async def count_repeat(self, refund_id: int) -> int:
        """One more repeat or reversal try; the new count."""

    async def handed_over(self, refund_id: int, operator: str) -> Refund:
        """The clerk confirms that the customer has the money (R36). Raises IllegalMove."""

    async def all_handed_over(self, refund_ids: Sequence[int], operator: str) -> Sequence[Refund]:
        """The same of all cash of a ticket, in one commit."""

    async def drawer_opened(self, refund_id: int, operator: str) -> None:
        """Durable before the pulse, so that a retry knows of it. Failure ``ledger.no_cash``."""
