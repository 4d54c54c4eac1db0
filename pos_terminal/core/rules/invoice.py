"""The sale's invoice is out, and neither back nor taken back by a red-letter one (R69). Always on.

Nobody is asked about it where it goes to who has the gift receipt: it is the buyer's affair."""

from __future__ import annotations

from enum import StrEnum

from pos_terminal.core.decision import Answer, Phase, Verdict, allow
from pos_terminal.core.invoice import Answered
from pos_terminal.core.rules.facts import Facts, Params, Rule
from pos_terminal.core.words import Value


class Against(StrEnum):
    INVOICE_OUT = "invoice_out"


def judge(params: Params, facts: Facts, _: None) -> Verdict:
    if facts.invoice is None:
        return allow("invoice", {"invoice_out": 0})
    figures: dict[str, Value] = {"invoice_out": int(facts.invoice.answer is Answered.NEITHER)}
    if facts.invoice.answer is not Answered.NEITHER:
        return allow("invoice", figures)
    return Verdict("invoice", Answer.ASK_SUPERVISOR, Against.INVOICE_OUT, figures)


def never(params: Params) -> bool:
    return False


RULE = Rule("invoice", Phase.BEFORE_CARD, Params, Against, judge, denies=never, fixed=True)
