"""Store credit as vouchers (R37)."""

from __future__ import annotations

from typing import Protocol

from pos_terminal.core.voucher import Voucher
from pos_terminal.ports.records import Redemption, Taking


class VoucherReads(Protocol):
    """Questions about store credit (R37)."""

    def by_number(self, number: str) -> Voucher | None:
        """By its 13 digits."""

    def of_payout(self, number: int) -> Voucher | None:
        """The one of its numbers that is alive."""

    def of_refund(self, refund_id: int) -> Voucher | None:
        """What this refund was given back as; None where it was no store credit."""

    def redeemed(self, taking: Taking) -> Redemption | None:
        """What a till's request was answered before; None for a new one.

        Failure ``voucher.reused``.
        """


class Vouchers(VoucherReads, Protocol):
    """Store credit; issued by ``Ledger.issue_credit``."""

    async def redeem(self, taking: Taking) -> Redemption:
        """Take so much from a voucher; the same request of a till once.

        Failure ``voucher.unknown``, ``voucher.reused`` and those of ``check_taking``.
        """

    async def cancel(self, number: str, operator: str, supervisor: str) -> Voucher:
        """What is left of it is worth nothing from now on; the sale's balance stays as it is.

        Failure ``voucher.unknown``, ``voucher.spent`` or ``voucher.cancelled``.
        """
