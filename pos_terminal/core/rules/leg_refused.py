"""A payment whose card was called stolen, lost or fraud: nothing else of it either (R34, R35).

The acquirer knows a payment by its reference, people may type another day for it: what was refused
under a reference that somebody typed stands against each payment of that reference.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Protocol

from msgspec import Struct

from pos_terminal.core.decision import Answer, Phase, Verdict, allow
from pos_terminal.core.refund import Kind
from pos_terminal.core.rules.facts import Facts, Params, Rule
from pos_terminal.core.rules.typed import Other
from pos_terminal.core.words import Value


class Against(StrEnum):
    LEG_REFUSED = "leg_refused"
    REFERENCE_REFUSED = "reference_refused"


class Past(Protocol):
    def leg_refused(self, sale_key: int, leg: int) -> bool:
        """Whether the acquirer answered a refund of this leg that its card is stolen, lost or
        fraud, and nobody has ended that since."""

    def reference_refused(self, sale_key: int, leg: int) -> Sequence[Other]:
        """Other sales of which a payment with the same reference, of whatever day, was answered so,
        where one of the two references was typed."""


class Refused(Struct, frozen=True):
    """What is known of it."""

    own: bool
    others: Sequence[Other]


def asks(params: Params, facts: Facts, past: Past) -> Refused:
    place = facts.sale.key, facts.tender.leg
    return Refused(past.leg_refused(*place), past.reference_refused(*place))


def judge(params: Params, facts: Facts, refused: Refused) -> Verdict:
    """In whatever ticket, and whatever would be given for it but a form that people carry out; who
    approves that reads which other sale was refused."""
    figures: dict[str, Value] = {"refused": int(refused.own or bool(refused.others))}
    if facts.kind is not Kind.MANUAL and figures["refused"]:
        return Verdict("leg_refused", Answer.DENY, Against.LEG_REFUSED, figures)
    if not refused.others:
        return allow("leg_refused", figures)
    told: dict[str, Value] = {"others": ", ".join(one.name for one in refused.others)}
    return Verdict("leg_refused", Answer.ASK_TWO, Against.REFERENCE_REFUSED, figures, told)


RULE = Rule("leg_refused", Phase.BEFORE_CARD, Params, Against, judge, asks, fixed=True)
