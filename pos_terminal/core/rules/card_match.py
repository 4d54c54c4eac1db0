"""A card known by its first six and last four only: a supervisor looks at it (R27)."""

from __future__ import annotations

from pos_terminal.core.decision import Answer, Phase, Verdict
from pos_terminal.core.refund import CardMatch
from pos_terminal.core.rules.facts import Facts, Params, Rule
from pos_terminal.core.words import say


def judge(params: Params, facts: Facts) -> Verdict | None:
    if facts.match is not CardMatch.MASKED:
        return None
    words = say("rules.masked")
    return Verdict("card_match", Answer.ASK_SUPERVISOR, words, {"match": facts.match.value})


RULE = Rule("card_match", Phase.WITH_CARD, Params, judge, fixed=True)
