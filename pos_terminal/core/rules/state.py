"""Only approved, unreversed sales (R8). Cannot be switched off."""

from __future__ import annotations

from pos_terminal.core.decision import Answer, Phase, Verdict
from pos_terminal.core.rules.facts import Facts, Params, Rule
from pos_terminal.core.sale import SaleState
from pos_terminal.core.words import say

_WORDS = {SaleState.UNCONFIRMED: "rules.unconfirmed", SaleState.VOIDED: "rules.voided"}


def judge(params: Params, facts: Facts) -> Verdict | None:
    key = _WORDS.get(facts.sale.state)
    if key is None:
        return None
    return Verdict("state", Answer.DENY, say(key), {"state": facts.sale.state.value})


RULE = Rule("state", Phase.BEFORE_CARD, Params, judge, fixed=True)
