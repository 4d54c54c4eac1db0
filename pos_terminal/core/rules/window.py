"""The return window in days: free, then supervisor only, then the acquirer's desk (R12)."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated

from msgspec import Meta, Struct, field

from pos_terminal.core.decision import Answer, Phase, Verdict, allow
from pos_terminal.core.rules.facts import Bounds, Facts, Params, Rule
from pos_terminal.core.sale import SaleLine

Days = Annotated[int, Meta(ge=0, le=3650)]


class Against(StrEnum):
    WINDOW = "window"
    """Only a supervisor may still let it go back."""
    TOO_OLD = "too_old"


class Window(Struct, frozen=True, forbid_unknown_fields=True):
    """Whole days after the sale."""

    free_days: Days
    supervisor_days: Days


class WindowParams(Params, frozen=True):
    free_days: Days = 30
    supervisor_days: Days = 180
    categories: dict[str, Window] = field(default_factory=dict)
    """Shorter or longer windows by the category of a line; the strictest line counts."""

    def free_for(self, lines: Sequence[SaleLine]) -> int:
        """Whole days in which all of these lines go back freely."""
        return min(window.free_days for window in self.windows(lines))

    @property
    def longest(self) -> int:
        """Whole days after which this rule denies every sale."""
        return max(self.supervisor_days, *(w.supervisor_days for w in self.categories.values()), 0)

    def windows(self, lines: Sequence[SaleLine]) -> list[Window]:
        """The window of each line, or the general one where there is none."""
        general = Window(self.free_days, self.supervisor_days)
        return [self.categories.get(line.category, general) for line in lines] or [general]


def bounds(params: WindowParams) -> Bounds:
    return Bounds(refundable_days=params.longest, free_days=params.free_for)


def judge(params: WindowParams, facts: Facts, _: None) -> Verdict:
    windows = params.windows(facts.lines)
    free = params.free_for(facts.lines)
    supervisor = min(window.supervisor_days for window in windows)
    age = facts.age_days
    figures = {"age_days": age, "free_days": free, "supervisor_days": supervisor}
    if age <= free:
        return allow("window", figures)
    if age <= supervisor:
        told = {"days": age, "free": free}
        answer, against = Answer.ASK_SUPERVISOR, Against.WINDOW
    else:
        told = {"days": age}
        answer, against = Answer.DENY, Against.TOO_OLD
    return Verdict("window", answer, against, figures, told, by_policy=True)


RULE = Rule("window", Phase.BEFORE_CARD, WindowParams, Against, judge, bounds=bounds, of_goods=True)
