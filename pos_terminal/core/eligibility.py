"""Void, refund, cash or store credit: the terminal chooses, and says why (R10, R36)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from msgspec import Struct, field

from pos_terminal.core.refund import Kind
from pos_terminal.core.sale import Sale, SaleOrigin, Tender, TenderKind
from pos_terminal.core.words import Failure, Value


class VoidScope(StrEnum):
    """Whose sales the acquirer lets us void."""

    TERMINAL = "terminal"
    MERCHANT = "merchant"


class Here(Struct, frozen=True):
    """This terminal, this batch, this moment (with the shop's offset)."""

    terminal_id: str
    batch: str
    now: datetime
    void_scope: VoidScope
    void_needs_code: bool = True
    """Whether a void has the authorisation code of the payment."""
    cash_limit: int = 0
    """Minor units of one sale that go back in notes; above it store credit. 0: no limit."""


class Because(StrEnum):
    """Why it goes back in this way; of a refund to a card, what is against a void."""

    VOID = "void"
    BATCH_CLOSED = "batch_closed"
    TYPED = "typed"
    """A clerk typed the payment from a receipt (R7)."""
    OTHER_DAY = "other_day"
    OTHER_TERMINAL = "other_terminal"
    NO_AUTH_CODE = "no_auth_code"
    VOID_REFUSED = "void_refused"
    ALREADY = "already"
    """Something of this leg was given back before."""
    PARTIAL = "partial"
    CASH = "cash"
    CREDIT = "credit"
    MANUAL = "manual"
    """Nobody here gives it back: a form is carried out elsewhere."""
    EXCEPTION = "exception"
    """By a listed exception to the tender that it was paid with (R34)."""
    VOUCHER = "voucher"
    """Paid by store credit: it goes back to a new voucher."""
    POINTS = "points"
    NO_RECEIPT = "no_receipt"
    """Nobody knows how it was paid (R17)."""
    EXCHANGE = "exchange"
    """No money goes back: other goods of the same worth go out (R37)."""
    EXCHANGE_CREDIT = "exchange_credit"
    """It is set aside for other goods that the till sells (R37)."""
    EXCHANGE_BACK = "exchange_back"
    """An exchange credit paid: it goes back to how the sale was paid that the credit stands on."""
    GIFT = "gift"
    """Found by a gift receipt: whose money it was is not who stands here."""


class Choice(Struct, frozen=True):
    kind: Kind
    because: Because
    told: Mapping[str, Value] = field(default_factory=lambda: MappingProxyType({}))
    """The figures that the reader is told."""


_ALWAYS: Final[Mapping[TenderKind, Choice]] = {
    TenderKind.WALLET: Choice(Kind.MANUAL, Because.MANUAL),
    TenderKind.TRANSFER: Choice(Kind.MANUAL, Because.MANUAL),
    TenderKind.VOUCHER: Choice(Kind.CREDIT, Because.VOUCHER),
    TenderKind.POINTS: Choice(Kind.POINTS, Because.POINTS),
    TenderKind.EXCHANGE: Choice(Kind.EXCHANGE_BACK, Because.EXCHANGE_BACK),
}


def choose_kind(sale: Sale, tender: Tender, amount: int, here: Here, *, beside: int = 0) -> Choice:
    """How ``amount`` of this leg goes back. Failure where nothing authorises its tender.

    ``beside``: what of the same ticket was paid in cash as well (R36), minor units.
    """
    if sale.origin is SaleOrigin.BLIND:
        return Choice(Kind.CREDIT, Because.NO_RECEIPT)
    match tender.kind:
        case TenderKind.CASH:
            return _cash_or_credit(sale, amount + beside, here.cash_limit)
        case TenderKind.CARD:
            return _void_or_refund(tender, amount, here)
        case TenderKind.EXCHANGE if amount > tender.reopens:
            raise Failure("flows.original_channel")
        case kind:
            return _ALWAYS[kind]


TO_HOLDER: Final = Choice(Kind.CREDIT, Because.GIFT)
"""How it goes back to who has the gift receipt, whatever paid for it."""


FOR_TILL: Final = Choice(Kind.EXCHANGE_CREDIT, Because.EXCHANGE_CREDIT)
"""As an exchange credit, whatever paid for it."""


def why_credit(tender: Tender, *, exception: bool, by_gift: bool) -> Because:
    """Why a leg went back as store credit; by an ``exception`` to its tender, for one."""
    if exception:
        return Because.EXCEPTION
    if by_gift:
        return Because.GIFT
    return Because.VOUCHER if tender.kind is TenderKind.VOUCHER else Because.CREDIT


def _void_or_refund(tender: Tender, amount: int, here: Here) -> Choice:
    """The first thing against a void makes it a refund. Failure ``flows.no_reference``."""
    if tender.payment is None or tender.lacks:
        raise Failure("flows.no_reference")
    against = _against_void(tender, amount, here)
    if against is None:
        return Choice(Kind.VOID, Because.VOID)
    if against is Because.OTHER_TERMINAL and tender.payment is not None:
        return Choice(Kind.REFUND, against, {"terminal": tender.payment.terminal_id})
    return Choice(Kind.REFUND, against)


def over_cash_limit(sale: Sale, amount: int, limit: int) -> bool:
    """Whether ``amount`` and what went back in notes before exceed the limit together.

    Counting what went before catches a refund that is split into several under the limit.
    """
    return 0 < limit < sale.cash_back + amount


def _cash_or_credit(sale: Sale, amount: int, limit: int) -> Choice:
    if over_cash_limit(sale, amount, limit):
        return Choice(Kind.CREDIT, Because.CREDIT)
    return Choice(Kind.CASH, Because.CASH)


def _against_void(tender: Tender, amount: int, here: Here) -> Because | None:
    """What is against it of the leg's own payment, or of what became of the leg."""
    payment = tender.payment
    if tender.typed:
        return Because.TYPED
    if payment is None or tender.batch_closed or payment.batch != here.batch:
        return Because.BATCH_CLOSED
    if payment.paid_at.date() != here.now.date():
        return Because.OTHER_DAY
    if payment.terminal_id != here.terminal_id and here.void_scope is VoidScope.TERMINAL:
        return Because.OTHER_TERMINAL
    if here.void_needs_code and not payment.auth_code:
        return Because.NO_AUTH_CODE
    return _against_leg(tender, amount)


def _against_leg(tender: Tender, amount: int) -> Because | None:
    if tender.void_refused:
        return Because.VOID_REFUSED
    if tender.done or tender.held or tender.reopened:
        return Because.ALREADY
    if amount != tender.amount:
        return Because.PARTIAL
    return None
