"""Above the shop's limit a cash leg goes back as store credit, not in notes (R36)."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from msgspec import Meta

from pos_terminal.core.decision import Answer, Phase, Verdict, allow
from pos_terminal.core.eligibility import over_cash_limit
from pos_terminal.core.money import format_amount
from pos_terminal.core.refund import Kind
from pos_terminal.core.rules.facts import Bounds, Facts, Params, Rule
from pos_terminal.core.sale import TenderKind
from pos_terminal.core.words import Value


class Against(StrEnum):
    CASH_LIMIT = "cash_limit"
    """It goes back as store credit."""
    CASH_OVER_LIMIT = "cash_over_limit"
    """It was to be paid in notes all the same."""


class CashLimitParams(Params, frozen=True):
    """Minor units of one sale that may go back in notes; 0: no limit."""

    limit: Annotated[int, Meta(ge=0)] = 0


def bounds(params: CashLimitParams) -> Bounds:
    return Bounds(cash=params.limit or None)


def judge(params: CashLimitParams, facts: Facts, _: None) -> Verdict:
    """A supervisor sees why it is a voucher; notes above the limit are never paid.

    How the money goes back was chosen before (``core.eligibility``); this looks again.
    """
    figures: dict[str, Value] = {
        "amount": facts.amount,
        "cash_back": facts.sale.cash_back,
        "limit": params.limit,
        "kind": facts.kind.value,
    }
    if facts.together.cash:
        figures["together"] = facts.together.cash
    over = over_cash_limit(facts.sale, facts.amount + facts.together.cash, params.limit)
    credit = facts.kind is Kind.CREDIT and facts.tender.kind is TenderKind.CASH
    if not over or not (credit or facts.kind is Kind.CASH):
        return allow("cash_limit", figures)
    answer = Answer.ASK_SUPERVISOR if credit else Answer.DENY
    against = Against.CASH_LIMIT if credit else Against.CASH_OVER_LIMIT
    told = {"limit": format_amount(params.limit, facts.sale.currency)}
    return Verdict("cash_limit", answer, against, figures, told)


RULE = Rule("cash_limit", Phase.BEFORE_CARD, CashLimitParams, Against, judge, bounds=bounds)
