"""Amounts that are no amount, or more than is left (R11). Cannot be switched off."""

from __future__ import annotations

from pos_terminal.core.decision import Answer, Phase, Verdict
from pos_terminal.core.money import format_amount
from pos_terminal.core.rules.facts import Facts, Params, Rule
from pos_terminal.core.words import say


def judge(params: Params, facts: Facts) -> Verdict | None:
    figures = {
        "amount": facts.amount,
        "sold": facts.tender.amount,
        "done": facts.tender.done,
        "held": facts.tender.held,
    }
    if facts.amount <= 0:
        return Verdict("balance", Answer.DENY, say("rules.zero"), figures)
    if facts.amount > facts.tender.remaining:
        left = format_amount(facts.tender.remaining, facts.sale.currency)
        return Verdict("balance", Answer.DENY, say("rules.balance", left=left), figures)
    return None


RULE = Rule("balance", Phase.BEFORE_CARD, Params, judge, fixed=True)
