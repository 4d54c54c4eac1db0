"""A refund by its original's reference, where the card is not there: a supervisor agrees; after
nothing but other cards there is none (R27, R29)."""

from __future__ import annotations

from enum import StrEnum
from typing import Protocol

from pos_terminal.core.decision import Answer, Phase, Verdict, allow
from pos_terminal.core.refund import CardMatch
from pos_terminal.core.rules.facts import Facts, Params, Rule


class Against(StrEnum):
    CARD_ABSENT = "card_absent"
    OTHER_CARDS = "other_cards"


class Past(Protocol):
    def other_cards_only(self, sale_key: int, leg: int) -> bool:
        """Whether an application for this leg ended after nothing but other cards."""


def asks(params: Params, facts: Facts, past: Past) -> bool:
    absent = facts.match is CardMatch.BY_REFERENCE
    return absent and past.other_cards_only(facts.sale.key, facts.tender.leg)


def judge(params: Params, facts: Facts, others: bool) -> Verdict:
    absent = facts.match is CardMatch.BY_REFERENCE
    figures = {"absent": int(absent), "other_cards": int(others)}
    if not absent:
        return allow("card_absent", figures)
    if others:
        return Verdict("card_absent", Answer.DENY, Against.OTHER_CARDS, figures)
    return Verdict("card_absent", Answer.ASK_SUPERVISOR, Against.CARD_ABSENT, figures)


RULE = Rule("card_absent", Phase.WITH_CARD, Params, Against, judge, asks, fixed=True)
