"""Void, refund, cash or store credit: the terminal chooses, and says why (R10, R36)."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct

from pos_terminal.core.refund import Kind
from pos_terminal.core.sale import Sale, Tender, TenderKind
from pos_terminal.core.words import Words, say


class Here(Struct, frozen=True):
    """This terminal, this batch, this moment (with the shop's offset)."""

    terminal_id: str
    batch: str
    now: datetime
    void_scope: str
    """``terminal`` or ``merchant``: whose sales the acquirer lets us void."""
    cash_limit: int = 0
    """Minor units of one sale that go back in notes; above it store credit. 0: no limit."""


class Choice(Struct, frozen=True):
    kind: Kind
    why: Words


def choose_kind(sale: Sale, tender: Tender, amount: int, here: Here) -> Choice:
    """How ``amount`` of this leg goes back: the first thing against a void makes it a refund."""
    if tender.kind is TenderKind.CASH:
        return _cash_or_credit(sale, amount, here.cash_limit)
    against = _against_void(sale, tender, amount, here)
    if against is None:
        return Choice(Kind.VOID, say("eligibility.void"))
    return Choice(Kind.REFUND, against)


def over_cash_limit(sale: Sale, amount: int, limit: int) -> bool:
    """Whether ``amount`` and what went back in notes before exceed the limit together.

    Counting what went before catches a refund that is split into several under the limit.
    """
    return 0 < limit < sale.cash_back + amount


def _cash_or_credit(sale: Sale, amount: int, limit: int) -> Choice:
    if over_cash_limit(sale, amount, limit):
        return Choice(Kind.CREDIT, say("eligibility.credit"))
    return Choice(Kind.CASH, say("eligibility.cash"))


def _against_void(sale: Sale, tender: Tender, amount: int, here: Here) -> Words | None:
    if sale.batch_closed or sale.batch != here.batch:
        return say("eligibility.batch_closed")
    if sale.sold_at.astimezone(here.now.tzinfo).date() != here.now.date():
        return say("eligibility.other_day")
    if sale.terminal_id != here.terminal_id and here.void_scope == "terminal":
        return say("eligibility.other_terminal", terminal=sale.terminal_id)
    return _against_leg(tender, amount)


def _against_leg(tender: Tender, amount: int) -> Words | None:
    if tender.void_refused:
        return say("eligibility.void_refused")
    if tender.done or tender.held:
        return say("eligibility.already")
    if amount != tender.amount:
        return say("eligibility.partial")
    return None
