"""Ceilings for one day, by clerk and by terminal; UNKNOWN refunds count (R13)."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from pos_terminal.core.decision import Answer, Phase, Verdict
from pos_terminal.core.rules.facts import Facts, Params, Rule, Tally
from pos_terminal.core.words import say

Limit = Annotated[int, Meta(ge=0)]


class DailyParams(Params, frozen=True):
    """How many refunds, and how many minor units in all, before ``answer`` is given."""

    answer: Literal["ask_supervisor", "ask_two", "deny"] = "ask_two"

    clerk_count: Limit = 50
    clerk_amount: Limit = 5_000_000
    terminal_count: Limit = 200
    terminal_amount: Limit = 20_000_000


def judge(params: DailyParams, facts: Facts) -> Verdict | None:
    for who, tally, count, amount in (
        ("clerk", facts.clerk_today, params.clerk_count, params.clerk_amount),
        ("terminal", facts.terminal_today, params.terminal_count, params.terminal_amount),
    ):
        if _over(tally, facts.amount, count, amount):
            figures: dict[str, int | str] = {
                "who": who,
                "count": tally.count,
                "amount": tally.amount,
                "count_limit": count,
                "amount_limit": amount,
            }
            words = say(f"rules.daily_{who}", count=tally.count)
            return Verdict("daily", Answer[params.answer.upper()], words, figures, by_policy=True)
    return None


def _over(tally: Tally, amount: int, count_limit: int, amount_limit: int) -> bool:
    return tally.count + 1 > count_limit or tally.amount + amount > amount_limit


RULE = Rule("daily", Phase.BEFORE_CARD, DailyParams, judge)
