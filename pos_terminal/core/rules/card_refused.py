"""A card that the acquirer called stolen, lost or fraud: nothing more to it (R34)."""

from __future__ import annotations

from enum import StrEnum
from typing import Protocol

from pos_terminal.core.decision import Answer, Phase, Verdict, allow
from pos_terminal.core.rules.facts import Facts, Params, Rule


class Against(StrEnum):
    CARD_REFUSED = "card_refused"


class Past(Protocol):
    def card_refused(self, token: str, par: str | None, *older: str) -> bool:
        """Whether the acquirer called this card, by any of its tokens, or its account stolen, lost
        or fraud."""


def asks(params: Params, facts: Facts, past: Past) -> bool:
    if facts.token is None:
        return False
    return past.card_refused(facts.token, facts.par, *facts.older_tokens)


def judge(params: Params, facts: Facts, refused: bool) -> Verdict:
    if not refused:
        return allow("card_refused", {"refused": 0})
    return Verdict("card_refused", Answer.DENY, Against.CARD_REFUSED, {"refused": 1})


RULE = Rule("card_refused", Phase.WITH_CARD, Params, Against, judge, asks, fixed=True)
