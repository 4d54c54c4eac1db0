"""The card of the sale: a supervisor looks at one that is known by its last four digits, with
or without the first six; where nothing but other cards were shown, it is refused (R27)."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from pos_terminal.core.decision import Answer, Decision, Phase, Verdict, allow
from pos_terminal.core.refund import CardMatch
from pos_terminal.core.rules.facts import Facts, Params, Rule
from pos_terminal.core.sale import CardRef


class Against(StrEnum):
    MASKED = "masked"
    LAST_FOUR = "last_four"
    ACQUIRER = "acquirer"
    WRONG_CARD = "wrong_card"


_BY_EYE: Final = {
    CardMatch.MASKED: Against.MASKED,
    CardMatch.LAST_FOUR: Against.LAST_FOUR,
    CardMatch.ACQUIRER: Against.ACQUIRER,
}


def judge(params: Params, facts: Facts, _: None) -> Verdict:
    figures = {"match": facts.match.value if facts.match else ""}
    against = _BY_EYE.get(facts.match) if facts.match is not None else None
    if against is None:
        return allow("card_match", figures)
    return Verdict("card_match", Answer.ASK_SUPERVISOR, against, figures)


def foreseen(card: CardRef | None) -> Verdict | None:
    """What this rule will ask about the right card: of a sale that has its first six and last four
    digits and nothing better. A supervisor who is told before the card need not come again; where
    four digits are all there is, somebody looks at the card itself."""
    if card is None or card.token or card.par or card.last_four_only or not card.masked:
        return None
    figures = {"match": CardMatch.MASKED.value}
    return Verdict("card_match", Answer.ASK_SUPERVISOR, Against.MASKED, figures)


def other_cards(tries: int) -> Decision:
    """So many cards were shown, none of them the sale's."""
    verdict = Verdict("card_match", Answer.DENY, Against.WRONG_CARD, {"tries": tries})
    return Decision(Phase.WITH_CARD, (verdict,))


RULE = Rule("card_match", Phase.WITH_CARD, Params, Against, judge, fixed=True)
