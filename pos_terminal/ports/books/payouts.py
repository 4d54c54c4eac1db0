"""Payouts: what is paid beside a sale for what went wrong (R47a)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from pos_terminal.core.payout import PayoutLimits
from pos_terminal.ports.conclusion import PayoutSlips
from pos_terminal.ports.records import NewPayout, Payout


class PayoutReads(Protocol):
    """Questions about payouts."""

    def by_number(self, number: int) -> Payout | None: ...

    def of_case(self, case_id: int) -> Sequence[Payout]:
        """The first one first."""

    def to_hand_over(self) -> Sequence[Payout]:
        """Cash that nobody has said the customer has, the oldest first."""

    def paid(self, case_id: int, day: str) -> tuple[int, int]:
        """What was paid out for this case, and on this day (ISO 8601) for all; minor units."""


class Payouts(PayoutReads, Protocol):
    async def pay_out(self, new: NewPayout, limits: PayoutLimits, make: PayoutSlips) -> Payout:
        """In one commit with its step of the case and its slips, which carry its number; as store
        credit with its voucher.

        Failure ``remedy.over_case``, ``remedy.over_day``, ``cases.closed``.
        """

    async def handed_over(self, number: int, operator: str) -> Payout:
        """The customer has the cash. Failure ``remedy.not_lying``."""
