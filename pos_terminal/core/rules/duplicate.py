"""The same card and amount again within minutes (R18)."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated, Protocol

from msgspec import Meta

from pos_terminal.core.decision import Answer, Phase, Verdict, allow
from pos_terminal.core.rules.facts import Facts, Params, Rule


class Against(StrEnum):
    DUPLICATE = "duplicate"


class Past(Protocol):
    def same_recently(
        self, token: str, par: str | None, amount: int, since: datetime, *older: str
    ) -> int:
        """How many refunds of this amount the card, by any of its tokens, or its account had since
        then."""


class DuplicateParams(Params, frozen=True):
    minutes: Annotated[int, Meta(ge=1, le=1440)] = 10


def asks(params: DuplicateParams, facts: Facts, past: Past) -> int:
    if facts.token is None:
        return 0
    since = facts.now - timedelta(minutes=params.minutes)
    return past.same_recently(facts.token, facts.par, facts.amount, since, *facts.older_tokens)


def judge(params: DuplicateParams, facts: Facts, same: int) -> Verdict:
    figures = {"same": same, "minutes": params.minutes}
    if not same:
        return allow("duplicate", figures)
    return Verdict("duplicate", Answer.ASK_SUPERVISOR, Against.DUPLICATE, figures)


RULE = Rule("duplicate", Phase.WITH_CARD, DuplicateParams, Against, judge, asks)
