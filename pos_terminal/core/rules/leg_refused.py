"""A payment whose card was called stolen, lost or fraud: nothing else of it either (R34, R35)."""

from __future__ import annotations

from enum import StrEnum
from typing import Protocol

from pos_terminal.core.decision import Answer, Phase, Verdict, allow
from pos_terminal.core.refund import Kind
from pos_terminal.core.rules.facts import Facts, Params, Rule


class Against(StrEnum):
    LEG_REFUSED = "leg_refused"


class Past(Protocol):
    def leg_refused(self, sale_key: int, leg: int) -> bool:
        """Whether the acquirer answered a refund of this leg that its card is stolen, lost or
        fraud, and nobody has ended that since."""


def asks(params: Params, facts: Facts, past: Past) -> bool:
    return past.leg_refused(facts.sale.key, facts.tender.leg)


def judge(params: Params, facts: Facts, refused: bool) -> Verdict:
    """In whatever ticket, and whatever would be given for it but a form that people carry out."""
    if not refused or facts.kind is Kind.MANUAL:
        return allow("leg_refused", {"refused": int(refused)})
    return Verdict("leg_refused", Answer.DENY, Against.LEG_REFUSED, {"refused": 1})


RULE = Rule("leg_refused", Phase.BEFORE_CARD, Params, Against, judge, asks, fixed=True)
