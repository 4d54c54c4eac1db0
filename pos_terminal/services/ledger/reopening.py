"""Goods that an exchange credit paid for come back: one commit opens again what it spent (R37).

Nothing of it goes out here. Of the sale of these goods so much is given back; on the payments that
the credit stood on so much less is, and refunds of these, to do from here on, give it to where the
money had come from.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from msgspec.structs import replace

from pos_terminal.core.exchange_credit import ExchangeCredit, spread
from pos_terminal.core.refund import Kind, Refund, State
from pos_terminal.core.words import Failure
from pos_terminal.ports import Application, Draft, Slips
from pos_terminal.services.ledger.books import (
    applications,
    exchange_credits,
    refunds,
    reopened,
    sales,
)
from pos_terminal.services.ledger.books.slips import queue
from pos_terminal.services.ledger.concluding import commit_at_once
from pos_terminal.services.ledger.step import Step

_NEVER: Final = {Kind.EXCHANGE, Kind.EXCHANGE_CREDIT, Kind.EXCHANGE_BACK, Kind.VOID}
"""What was spent of can't be voided, nor is it set aside again."""


def reopen(
    step: Step, number: int, back: Sequence[Draft], slips: Slips
) -> tuple[Refund, Sequence[Application]]:
    """The goods are back, and what they cost is to do on the legs that the credit spent it on.

    ``back``: one draft for each of these legs, as ``core.exchange_credit.spread`` has them. Failure
    ``ledger.not_reopened`` where the credit or its sale is not there any more, or another part of
    it is left than they say; those of ``commit_at_once``.
    """
    refund = commit_at_once(step, number, Kind.EXCHANGE_BACK, State.REOPENED)
    credit = _credit_of(step, refund)
    shares = spread(refund.done, reopened.left_of(step.db, credit.ticket))
    legs = {one: refunds.load(step.db, one) for one in shares}
    _must_be_all(credit, refund, {legs[one].leg: share for one, share in shares.items()}, back)
    for one, share in shares.items():
        if not sales.open_again(step, legs[one], share):
            raise Failure("ledger.not_reopened")
    reopened.add(step, refund, shares)
    ticket = applications.load(step.db, number).ticket
    place = applications.last_place(step.db, ticket) + 1
    opened = applications.open_ticket(
        step,
        [replace(one, ticket=ticket, place=place + n, kept=True) for n, one in enumerate(back)],
    )
    queue(step, slips(refund) if callable(slips) else slips, refund.refund_id, number)
    return refund, opened


def _credit_of(step: Step, refund: Refund) -> ExchangeCredit:
    """By which the leg was paid. That it has as much left was looked at with the balance."""
    number = sales.exchange_no(step.db, refund.sale_key, refund.leg)
    credit = exchange_credits.find(step.db, number)
    if credit is None:
        raise Failure("ledger.not_reopened")
    return credit


def _must_be_all(
    credit: ExchangeCredit, refund: Refund, shares: Mapping[int, int], back: Sequence[Draft]
) -> None:
    wrong = any(one.kind in _NEVER or one.items or one.owed for one in back)
    if wrong or any(one.sale_key != credit.sale_key for one in back):
        raise ValueError("not what an exchange credit spent")
    asked = {one.leg: one.amount for one in back}
    if asked != shares or len(back) != len(shares) or sum(shares.values()) != refund.done:
        raise Failure("ledger.not_reopened")
