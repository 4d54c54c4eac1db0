"""Goods that an exchange credit paid for come back, or their till voided the sale of them: one
commit opens again what it spent (R37, R46).

Nothing of it goes out here. Of the sale of these goods so much is given back; on the payments that
the credit stood on so much less is, and refunds of these, to do from here on, give it to where the
money had come from.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from msgspec.structs import replace

from pos_terminal.core.case import CaseKind, ToldExchange
from pos_terminal.core.exchange_credit import ExchangeCredit, spread
from pos_terminal.core.refund import Kind, Refund, State
from pos_terminal.core.words import Failure
from pos_terminal.ports import Application, Draft, Slips
from pos_terminal.services.ledger import exchange_told
from pos_terminal.services.ledger.books import (
    applications,
    cases,
    exchange_credits,
    refunds,
    reopened,
    sales,
)
from pos_terminal.services.ledger.books.slips import queue
from pos_terminal.services.ledger.concluding import commit_at_once
from pos_terminal.services.ledger.may_go import may_go
from pos_terminal.services.ledger.step import Step

_NEVER: Final = {Kind.EXCHANGE, Kind.EXCHANGE_CREDIT, Kind.EXCHANGE_BACK, Kind.VOID}
"""What was spent of can't be voided, nor is it set aside again."""
_PEOPLE: Final = 2
"""Who agree to give back what was paid for a sale that is void: the till may have done so."""


def reopen(
    step: Step, number: int, back: Sequence[Draft], slips: Slips
) -> tuple[Refund, Sequence[Application]]:
    """The goods are back, and what they cost is to do on the legs that the credit spent it on.

    ``back``: one draft for each of these legs, as ``core.exchange_credit.spread`` has them. Failure
    ``ledger.not_reopened`` where the credit or its sale is not there any more, or another part of
    it is left than they say; those of ``commit_at_once``.
    """
    return _reopen(step, number, back, slips, may_go)


def reopen_voided(
    step: Step, case_id: int, number: int, back: Sequence[Draft], slips: Slips
) -> tuple[Refund, Sequence[Application]]:
    """What the case says that a till took and no sale is there for any more: as ``reopen``, of a
    sale that the till voided, with no goods of it. It ends the case.

    Failure ``cases.closed``, or ``ledger.not_reopened`` where less of it is missing by now.
    ValueError where it is not of that case, or two others did not say so.
    """
    asked, case = applications.load(step.db, number), cases.load(step.db, case_id)
    if not case.open:
        raise Failure("cases.closed", number=case_id)
    credit = _credit_of(step, asked.sale_key, asked.leg)
    told = case.facts.ticket if isinstance(case.facts, ToldExchange) else None
    if case.kind is not CaseKind.EXCHANGE_NOT_TOLD or case.sale_key != asked.sale_key:
        raise ValueError(f"case {case_id} is not about that sale")
    if told != credit.ticket or asked.items or asked.owed:
        raise ValueError(f"case {case_id} is not about that credit")
    said = {one.supervisor for one in applications.approvals(step.db, number)}
    makers = {leg.operator for leg in exchange_credits.legs_of(step.db, credit.ticket)}
    if len(said - makers - {asked.operator}) < _PEOPLE:
        raise ValueError("what a till took is given back by two people other than who made it")
    if asked.amount > exchange_credits.untold(step.db, credit.number):
        raise Failure("ledger.not_reopened")
    refund, opened = _reopen(step, number, back, slips, _may_of_voided)
    cases.gave_credit_back(step, case_id, refund)
    exchange_told.settle(step, credit)
    return refund, opened


def _may_of_voided(step: Step, application: Application) -> None:
    """Its till has had the goods back, and what became of its invoice is the till's affair."""
    sales.check_balance(step.db, application, voided=True)


def _reopen(
    step: Step,
    number: int,
    back: Sequence[Draft],
    slips: Slips,
    may: Callable[[Step, Application], None],
) -> tuple[Refund, Sequence[Application]]:
    refund = commit_at_once(step, number, Kind.EXCHANGE_BACK, State.REOPENED, may)
    credit = _credit_of(step, refund.sale_key, refund.leg)
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


def _credit_of(step: Step, sale_key: int | None, leg: int) -> ExchangeCredit:
    """By which the leg was paid. That it has as much left was looked at with the balance."""
    number = "" if sale_key is None else sales.exchange_no(step.db, sale_key, leg)
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
