"""One step more of a case: what was done and said, what shows it, and when next (R45, R75)."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from pos_terminal.core.case_step import MOST_DAYS_AHEAD, NewStep, StepKind
from pos_terminal.core.words import say
from pos_terminal.flows.case.case_facts import name_of_case
from pos_terminal.flows.case.step_text import ask_step_text
from pos_terminal.flows.common.ask_evidence import ask_evidence
from pos_terminal.flows.common.desk import Desk
from pos_terminal.flows.common.steps import one_after_the_other
from pos_terminal.ports import Case
from pos_terminal.ui.ask import Entry, choose, digits, heading, tell
from pos_terminal.ui.page import Line, Page

_DIGITS: Final = len(str(MOST_DAYS_AHEAD))
_BY_PEOPLE: Final = [kind for kind in StepKind if kind is not StepKind.REFUND]
"""A refund is a step by itself, when it is made."""


async def ask_step(desk: Desk, case: Case) -> None:
    """Four questions, one commit. Cancel leads back by one."""
    asking = _Asking(desk, case)
    steps = (asking.what, asking.text, asking.evidence, asking.when_next)
    await one_after_the_other(desk.ui, *steps)
    await desk.ledger.cases.add_step(case.case_id, asking.step())
    await tell(desk.ui, "case.noted", say("cases.title"), say("cases.noted"), alert=False)


class _Asking:
    def __init__(self, desk: Desk, case: Case) -> None:
        self._desk = desk
        self._case = case
        sale = desk.ledger.sales.by_key(case.sale_key)
        tenders = () if sale is None else sale.tenders
        self._cards = [one.card.masked or "" for one in tenders if one.card]

    def step(self) -> NewStep:
        today = self._desk.clock.now().date()
        next_on = None if self._days is None else today + timedelta(days=self._days)
        return NewStep(self._kind, self._desk.clerk.number, self._text, self._evidence, next_on)

    async def what(self) -> None:
        about = (heading(name_of_case(self._case), str(self._case.case_id)),)
        page = Page("case.step", say("cases.which_step"), about, hint=say("ui.by_digit"))
        options = [Line(say(f"cases.step_{kind.value}")) for kind in _BY_PEOPLE]
        self._kind = _BY_PEOPLE[await choose(self._desk.ui, page, options, first=None)]

    async def text(self) -> None:
        self._text = await ask_step_text(self._desk, self._kind, self._cards)

    async def evidence(self) -> None:
        needed = self._kind is StepKind.EVIDENCE
        self._evidence = await ask_evidence(self._desk, self._cards, needed=needed)

    async def when_next(self) -> None:
        """Nothing typed: as it was."""
        lines = (
            Line(say("cases.next"), f"{self._case.due_on:%Y-%m-%d}"),
            Line(say("cases.days_until")),
        )
        page = Page("case.next", say("cases.which_step"), lines, hint=say("cases.next_hint"))
        typed = await digits(self._desk.ui, page, Entry(0, _DIGITS))
        self._days = int(typed) if typed else None
