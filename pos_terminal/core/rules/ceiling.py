"""Ceilings for one refund (R13)."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from pos_terminal.core.decision import Answer, Phase, Verdict
from pos_terminal.core.money import format_amount
from pos_terminal.core.rules.facts import Facts, Params, Rule
from pos_terminal.core.words import say

Amount = Annotated[int, Meta(ge=0)]


class CeilingParams(Params, frozen=True):
    """Minor units; one refund above them asks, asks twice, or is denied."""

    supervisor_above: Amount = 500_000
    two_above: Amount = 2_000_000
    deny_above: Amount = 5_000_000


def judge(params: CeilingParams, facts: Facts) -> Verdict | None:
    steps = (
        (params.deny_above, Answer.DENY, "rules.ceiling"),
        (params.two_above, Answer.ASK_TWO, "rules.ceiling_two"),
        (params.supervisor_above, Answer.ASK_SUPERVISOR, "rules.ceiling_ask"),
    )
    for limit, answer, key in steps:
        if facts.amount > limit:
            words = say(key, limit=format_amount(limit, facts.sale.currency))
            figures = {"amount": facts.amount, "limit": limit}
            return Verdict("ceiling", answer, words, figures, by_policy=True)
    return None


RULE = Rule("ceiling", Phase.BEFORE_CARD, CeilingParams, judge)
