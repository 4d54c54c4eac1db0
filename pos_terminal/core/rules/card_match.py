"""The card of the sale: one known by its first six and last four only is looked at by a supervisor,
and where nothing but other cards were shown, the application is refused (R27)."""

from __future__ import annotations

from pos_terminal.core.decision import Answer, Decision, Phase, Verdict
from pos_terminal.core.refund import CardMatch
from pos_terminal.core.rules.facts import Facts, Params, Rule
from pos_terminal.core.words import say


def judge(params: Params, facts: Facts) -> Verdict | None:
    if facts.match is not CardMatch.MASKED:
        return None
    words = say("rules.masked")
    return Verdict("card_match", Answer.ASK_SUPERVISOR, words, {"match": facts.match.value})


def other_cards(tries: int) -> Decision:
    """So many cards were shown, none of them the sale's."""
    words = say("rules.wrong_card")
    verdict = Verdict("card_match", Answer.DENY, words, {"tries": tries})
    return Decision(Phase.WITH_CARD, (verdict,))


RULE = Rule("card_match", Phase.WITH_CARD, Params, judge, fixed=True)
