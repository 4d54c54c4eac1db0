"""A payment that a clerk typed: a supervisor looks at the receipt (R7). Always on.

Two supervisors where the till told of payments that it might have been, and somebody said that it
is none of them.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from pos_terminal.core.decision import Answer, Phase, Verdict, allow
from pos_terminal.core.rules.facts import Facts, Params, Rule


class Against(StrEnum):
    TYPED = "typed"
    NONE_OF_THEM = "none_of_them"


_BY: Final = {
    1: (Answer.ASK_SUPERVISOR, Against.TYPED),
    2: (Answer.ASK_TWO, Against.NONE_OF_THEM),
}


def judge(params: Params, facts: Facts, _: None) -> Verdict:
    typed = facts.tender.typed
    if not typed:
        return allow("typed", {"typed": typed})
    answer, against = _BY[typed]
    return Verdict("typed", answer, against, {"typed": typed})


def may_deny(params: Params) -> bool:
    return False


RULE = Rule("typed", Phase.BEFORE_CARD, Params, Against, judge, denies=may_deny, fixed=True)
