"""The card of the sale: one known by its first six and last four only is looked at by a supervisor,
and where nothing but other cards were shown, the application is refused (R27)."""

from __future__ import annotations

from enum import StrEnum

from pos_terminal.core.decision import Answer, Decision, Phase, Verdict, allow
from pos_terminal.core.refund import CardMatch
from pos_terminal.core.rules.facts import Facts, Params, Rule


class Against(StrEnum):
    MASKED = "masked"
    WRONG_CARD = "wrong_card"


def judge(params: Params, facts: Facts, _: None) -> Verdict:
    figures = {"match": facts.match.value if facts.match else ""}
    if facts.match is not CardMatch.MASKED:
        return allow("card_match", figures)
    return Verdict("card_match", Answer.ASK_SUPERVISOR, Against.MASKED, figures)


def other_cards(tries: int) -> Decision:
    """So many cards were shown, none of them the sale's."""
    verdict = Verdict("card_match", Answer.DENY, Against.WRONG_CARD, {"tries": tries})
    return Decision(Phase.WITH_CARD, (verdict,))


RULE = Rule("card_match", Phase.WITH_CARD, Params, Against, judge, fixed=True)
