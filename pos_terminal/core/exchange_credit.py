"""Exchange credit (换货): what came back, for the till to take when the customer pays (R37).

It stands on the legs of one sale, each with a refund that sets its part aside. What the till takes
is spent on them in their order; the rest goes back to them, and from then on the till takes
nothing more. Its number is shaped and drawn as a voucher's is.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import TypeVar

from msgspec import Struct

from pos_terminal.core.money import format_amount
from pos_terminal.core.voucher import mask
from pos_terminal.core.words import VoucherFailure

L = TypeVar("L")


class CreditState(StrEnum):
    OPEN = "open"
    SETTLED = "settled"
    """Nothing is set aside any more: all was taken, or the rest goes back to its tender."""
    ENDED = "ended"
    """Two people ended it, for its sale is locked or voided: what was left stays with that sale."""


class ExchangeCredit(Struct, frozen=True):
    """As the ledger has it. Amounts in minor units; ``taken <= amount`` always."""

    number: str
    ticket: int
    sale_key: int
    sale_id: str
    """The till's name of the sale; empty where it gave none."""
    amount: int
    taken: int
    currency: str
    state: CreditState
    made_at: datetime
    expires_at: datetime
    stands: bool = True
    """Whether money of its sale may go anywhere: it is neither locked nor voided."""
    refused: bool = False
    """A card of which it has something left was called stolen, lost or fraud, and nobody has ended
    that: its part goes back by a form that people carry out, or not at all (R34)."""

    @property
    def known_as(self) -> str:
        return name_of(mask(self.number), self.ticket)

    @property
    def left(self) -> int:
        """What is still set aside: for the till, or once it has expired to be given back."""
        return self.amount - self.taken if self.state is CreditState.OPEN else 0

    def has_expired(self, now: datetime) -> bool:
        """Whether the till can't take from it any more, and the rest waits to be given back."""
        return self.state is CreditState.OPEN and self.expires_at < now

    def state_at(self, now: datetime) -> str:
        """As tills and clerks are told: also ``expired``, and ``stopped`` where its sale or a card
        of it is."""
        if self.state is not CreditState.OPEN:
            return self.state.value
        if not self.stands or self.refused:
            return "stopped"
        return "expired" if self.has_expired(now) else self.state.value


def name_of(masked: str, ticket: int) -> str:
    """As people tell it from the others of a day, which begin alike and of which one in a hundred
    ends alike: with the number that stands on its slips and gives nothing away."""
    return f"{masked} #{ticket}"


def check_taking(credit: ExchangeCredit, amount: int, now: datetime) -> None:
    """That the till can take so much of it now.

    Failure ``voucher.zero``, ``voucher.settled``, ``voucher.expired``, ``voucher.stopped`` or
    ``voucher.too_much``.
    """
    if amount <= 0:
        raise VoucherFailure("voucher.zero")
    check_open(credit)
    if credit.has_expired(now):
        raise VoucherFailure("voucher.expired", until=f"{credit.expires_at:%Y-%m-%d %H:%M}")
    if not credit.stands or credit.refused:
        raise VoucherFailure("voucher.stopped")
    if amount > credit.left:
        raise VoucherFailure("voucher.too_much", left=format_amount(credit.left, credit.currency))


def check_open(credit: ExchangeCredit) -> None:
    """Failure ``voucher.settled`` or ``voucher.stopped``."""
    if credit.state is CreditState.SETTLED:
        raise VoucherFailure("voucher.settled")
    if credit.state is CreditState.ENDED:
        raise VoucherFailure("voucher.stopped")


def spread(amount: int, left: Mapping[L, int]) -> dict[L, int]:
    """``amount`` over the legs in the order that they are given in, as far as each has any left;
    only those of which something is taken."""
    shares: dict[L, int] = {}
    for leg, rest in left.items():
        share = min(amount, rest)
        if share:
            shares[leg] = share
        amount -= share
    return shares
