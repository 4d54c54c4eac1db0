"""Ceilings for one day, by clerk and by terminal; UNKNOWN refunds count (R13)."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Annotated, Literal, Protocol

from msgspec import Meta, Struct

from pos_terminal.core.decision import Answer, Phase, Verdict, allow
from pos_terminal.core.rules.facts import Facts, Params, Rule, Tally
from pos_terminal.core.words import Value

Limit = Annotated[int, Meta(ge=0)]


class Against(StrEnum):
    DAILY_CLERK = "daily_clerk"
    DAILY_TERMINAL = "daily_terminal"


class Past(Protocol):
    def counts(self, on: date, operator: str | None, rest_of: int = 0) -> Tally:
        """Refunds of the day, of one clerk or (None) of the terminal; without what the exchange
        credit of a ticket sets aside, whose ``rest_of`` it is asked for."""


class Today(Struct, frozen=True):
    clerk: Tally
    terminal: Tally


class DailyParams(Params, frozen=True):
    """How many refunds, and how many minor units in all, before ``answer`` is given."""

    answer: Literal["ask_supervisor", "ask_two", "deny"] = "ask_two"

    clerk_count: Limit = 50
    clerk_amount: Limit = 5_000_000
    terminal_count: Limit = 200
    terminal_amount: Limit = 20_000_000


def asks(params: DailyParams, facts: Facts, past: Past) -> Today:
    today = facts.now.date()
    rest_of = facts.together.rest_of
    return Today(past.counts(today, facts.operator, rest_of), past.counts(today, None, rest_of))


def judge(params: DailyParams, facts: Facts, today: Today) -> Verdict:
    seen: dict[str, Value] = {}
    refunds, sum_of_all = 1 + facts.together.legs, facts.amount + facts.together.amount
    for who, against, tally, count, amount in (
        ("clerk", Against.DAILY_CLERK, today.clerk, params.clerk_count, params.clerk_amount),
        (
            "terminal",
            Against.DAILY_TERMINAL,
            today.terminal,
            params.terminal_count,
            params.terminal_amount,
        ),
    ):
        figures: dict[str, Value] = {
            "count": tally.count,
            "amount": tally.amount,
            "count_limit": count,
            "amount_limit": amount,
        }
        if tally.count + refunds > count or tally.amount + sum_of_all > amount:
            answer = Answer(params.answer)
            return Verdict("daily", answer, against, {"who": who} | figures, by_policy=True)
        seen |= {f"{who}_{name}": figure for name, figure in figures.items()}
    return allow("daily", seen)


def denies(params: DailyParams) -> bool:
    return params.answer == "deny"


RULE = Rule(
    "daily", Phase.BEFORE_CARD, DailyParams, Against, judge, asks, denies=denies, of_goods=True
)
