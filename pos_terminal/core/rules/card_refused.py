"""A card that the acquirer called stolen, lost or fraud: nothing more to it (R34)."""

from __future__ import annotations

from pos_terminal.core.decision import Answer, Phase, Verdict
from pos_terminal.core.rules.facts import Facts, Params, Rule
from pos_terminal.core.words import say


def judge(params: Params, facts: Facts) -> Verdict | None:
    if not facts.card_refused:
        return None
    return Verdict("card_refused", Answer.DENY, say("rules.card_refused"), {"refused": 1})


RULE = Rule("card_refused", Phase.WITH_CARD, Params, judge, fixed=True)
