"""Ceilings for one refund, and for all of a ticket together (R13, R35)."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from msgspec import Meta

from pos_terminal.core.decision import Answer, Phase, Verdict, allow
from pos_terminal.core.money import format_amount
from pos_terminal.core.rules.facts import Facts, Params, Rule

Amount = Annotated[int, Meta(ge=0)]


class Against(StrEnum):
    CEILING = "ceiling"
    CEILING_TWO = "ceiling_two"
    CEILING_ASK = "ceiling_ask"


class CeilingParams(Params, frozen=True):
    """Minor units; one refund above them asks, asks twice, or is denied."""

    supervisor_above: Amount = 500_000
    two_above: Amount = 2_000_000
    deny_above: Amount = 5_000_000


def judge(params: CeilingParams, facts: Facts, _: None) -> Verdict:
    steps = (
        (params.deny_above, Answer.DENY, Against.CEILING),
        (params.two_above, Answer.ASK_TWO, Against.CEILING_TWO),
        (params.supervisor_above, Answer.ASK_SUPERVISOR, Against.CEILING_ASK),
    )
    together = facts.together.amount + facts.together.done
    amount = facts.amount + together
    of_ticket = {"together": together} if together else {}
    for limit, answer, against in steps:
        if amount > limit:
            figures = {"amount": facts.amount, "limit": limit, **of_ticket}
            told = {"limit": format_amount(limit, facts.sale.currency)}
            return Verdict("ceiling", answer, against, figures, told, by_policy=True)
    least = min(limit for limit, _, _ in steps)
    return allow("ceiling", {"amount": facts.amount, "limit": least, **of_ticket})


RULE = Rule("ceiling", Phase.BEFORE_CARD, CeilingParams, Against, judge, of_goods=True)
