"""Exchange credits: what came back for other goods (R37)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from pos_terminal.core.exchange_credit import ExchangeCredit
from pos_terminal.core.refund import Refund
from pos_terminal.ports.records import CreditBought, CreditReopened, ExchangeTaking, Taking


class ExchangeCreditReads(Protocol):
    """Questions; made by ``Ledger.make_exchange_credit``."""

    def by_number(self, number: str) -> ExchangeCredit | None:
        """By its 13 digits."""

    def behind(self, application: int) -> ExchangeCredit | None:
        """The one that this application made, whose rest it gives back, or that had paid for the
        goods by which it was opened."""

    def of_refund(self, refund_id: int) -> ExchangeCredit | None:
        """By any of the refunds that it stands on."""

    def open_ones(self) -> Sequence[ExchangeCredit]:
        """Of which something is set aside, oldest first."""

    def open_of(self, sale_key: int) -> Sequence[ExchangeCredit]:
        """Those of them that stand on this sale."""

    def expired(self, now: datetime) -> Sequence[ExchangeCredit]:
        """Those of them that the till can't take any more: what is left of each is to be given
        back."""

    def legs(self, ticket: int) -> Sequence[Refund]:
        """What the credit of this ticket stands on, in the order in which takings fall on it."""

    def spent(self, ticket: int) -> Mapping[int, int]:
        """Of each of these refunds, by its number and in that order, what the till took of it and
        is not open again since the goods came back that were bought with it."""

    def bought(self, number: str) -> Sequence[CreditBought]:
        """What tills say that it paid."""

    def untold(self, number: str) -> int:
        """What tills took of it and no sale says any more what it was for; minor units."""

    def opened_again(self, ticket: int) -> Sequence[CreditReopened]:
        """What goods that the credit of this ticket paid for opened again, in their order."""

    def taken(self, taking: Taking) -> ExchangeTaking | None:
        """What a till's request was answered before; None for a new one.

        Failure ``voucher.reused``.
        """
