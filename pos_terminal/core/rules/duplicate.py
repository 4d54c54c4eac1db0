"""The same card and amount again within minutes (R18)."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from pos_terminal.core.decision import Answer, Phase, Verdict
from pos_terminal.core.rules.facts import Facts, Params, Rule
from pos_terminal.core.words import say


class DuplicateParams(Params, frozen=True):
    minutes: Annotated[int, Meta(ge=1, le=1440)] = 10


def judge(params: DuplicateParams, facts: Facts) -> Verdict | None:
    if not facts.same_recently:
        return None
    figures = {"same": facts.same_recently, "minutes": params.minutes}
    return Verdict("duplicate", Answer.ASK_SUPERVISOR, say("rules.duplicate"), figures)


RULE = Rule("duplicate", Phase.WITH_CARD, DuplicateParams, judge)
