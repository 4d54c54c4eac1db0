"""Only approved, unreversed sales (R8), and none that was overpaid. Cannot be switched off."""

from __future__ import annotations

from pos_terminal.core.decision import Answer, Phase, Verdict
from pos_terminal.core.rules.facts import Facts, Params, Rule
from pos_terminal.core.sale import Sale, SaleState
from pos_terminal.core.words import say

_WORDS = {SaleState.UNCONFIRMED: "rules.unconfirmed", SaleState.VOIDED: "rules.voided"}


def judge(params: Params, facts: Facts) -> Verdict | None:
    key = refusal(facts.sale)
    if key is None:
        return None
    figures = {"state": facts.sale.state.value, "locked": int(facts.sale.locked)}
    return Verdict("state", Answer.DENY, say(key), figures)


def refusal(sale: Sale) -> str | None:
    """Why nothing of this sale is given back, by the key of its text; None where it may be."""
    if sale.locked:
        return "rules.locked"
    return _WORDS.get(sale.state)


RULE = Rule("state", Phase.BEFORE_CARD, Params, judge, fixed=True)
