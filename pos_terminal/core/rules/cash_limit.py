"""Above the shop's limit a cash leg goes back as store credit, not in notes (R36)."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from pos_terminal.core.decision import Answer, Phase, Verdict
from pos_terminal.core.eligibility import over_cash_limit
from pos_terminal.core.money import format_amount
from pos_terminal.core.refund import Kind
from pos_terminal.core.rules.facts import Facts, Params, Rule
from pos_terminal.core.words import say


class CashLimitParams(Params, frozen=True):
    """Minor units of one sale that may go back in notes; 0: no limit."""

    limit: Annotated[int, Meta(ge=0)] = 0

    @property
    def in_force(self) -> int:
        """As ``eligibility.Here.cash_limit`` takes it."""
        return self.limit if self.enabled else 0


def judge(params: CashLimitParams, facts: Facts) -> Verdict | None:
    """A supervisor sees why it is a voucher; notes above the limit are never paid.

    How the money goes back was chosen before (``core.eligibility``); this looks again.
    """
    if not over_cash_limit(facts.sale, facts.amount, params.limit):
        return None
    if facts.kind not in (Kind.CASH, Kind.CREDIT):
        return None
    credit = facts.kind is Kind.CREDIT
    answer = Answer.ASK_SUPERVISOR if credit else Answer.DENY
    limit = format_amount(params.limit, facts.sale.currency)
    words = say("rules.cash_limit" if credit else "rules.cash_over_limit", limit=limit)
    figures = {"amount": facts.amount, "cash_back": facts.sale.cash_back, "limit": params.limit}
    return Verdict("cash_limit", answer, words, figures)


RULE = Rule("cash_limit", Phase.BEFORE_CARD, CashLimitParams, judge)
