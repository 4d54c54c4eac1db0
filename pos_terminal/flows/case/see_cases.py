"""Cases: which, what each is about, what was done, and what can be done now (R45)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Final

from pos_terminal.core.case import AT_ONCE, CaseKind, ToldExchange
from pos_terminal.core.case_progress import Progress
from pos_terminal.core.money import with_symbol
from pos_terminal.core.words import Words, say
from pos_terminal.flows.case.case_facts import facts_of_case, name_of_case
from pos_terminal.flows.case.case_status import status_of_case
from pos_terminal.flows.case.case_step import ask_step
from pos_terminal.flows.case.close_case import close_case
from pos_terminal.flows.case.print_record import print_record
from pos_terminal.flows.case.remedy import ask_remedy
from pos_terminal.flows.common.another_way import FormOfSale
from pos_terminal.flows.common.desk import Desk, LogOut
from pos_terminal.flows.common.found import Found
from pos_terminal.flows.common.returned import another_way_is_open
from pos_terminal.ports import Case, CaseStep, InputEvent, Key, KeyPressed
from pos_terminal.texts import render
from pos_terminal.ui.ask import choose, heading, tell_empty
from pos_terminal.ui.page import Line, Page
from pos_terminal.ui.prompt import Cancelled


async def see_cases(desk: Desk) -> None:
    """Those that somebody is to look at first stand first."""
    cases = desk.ledger.cases.open_ones()
    title = say("cases.list")
    if not cases:
        await tell_empty(desk.ui, "case.list", title, say("cases.none"))
        return
    await see_case(desk, await _choose(desk, title, cases))


async def _choose(desk: Desk, title: Words, cases: Sequence[Case]) -> Case:
    """Where there are more than are read at once the last option leads to the next ones."""
    page = Page("case.list", title, hint=say("cases.choose_hint"))
    while True:
        options = [_option(desk, case) for case in cases]
        following: Sequence[Case] = ()
        if len(cases) == AT_ONCE:
            following = desk.ledger.cases.open_ones(cases[-1])
        more = [Line(say("cases.more"))] if following else []
        picked = await choose(desk.ui, page, [*options, *more])
        if picked < len(cases):
            return cases[picked]
        cases = following


_Doing = Callable[[Desk, Case], Awaitable[None]]


async def _give_again(_: Desk, case: Case) -> None:
    """What came back goes another way than it had been paid."""
    raise FormOfSale(Found(case.sale_key))


_KEYS: Final[Mapping[Key, _Doing]] = {
    Key.D1: ask_step,
    Key.D2: ask_remedy,
    Key.D3: print_record,
    Key.D4: status_of_case,
    Key.D5: _give_again,
}
"""What leads back to the case; enter closes it."""
_WHEN_CLOSED: Final = (Key.D3,)


async def see_case(desk: Desk, case: Case) -> None:
    """Until it is closed, or cancelled. Failure ``cases.…``."""
    while True:
        there = [key for key in _KEYS if key is not Key.D5 or _another_way(desk, case)]
        keys = (Key.ENTER, *(there if case.open else _WHEN_CLOSED))

        def accept(event: InputEvent, keys: Sequence[Key] = keys) -> Key | None:
            return event.key if isinstance(event, KeyPressed) and event.key in keys else None

        key = await desk.ui.prompt(_page(desk, case), accept, fresh=True)
        if key is Key.ENTER:
            if case.open:
                await close_case(desk, case)
            return
        try:
            await _KEYS[key](desk, case)
        except LogOut:
            raise
        except Cancelled:
            pass
        case = desk.ledger.cases.by_id(case.case_id) or case


def _page(desk: Desk, case: Case) -> Page:
    told = desk.ledger.cases.steps(case.case_id)
    steps = [line for step in told for line in step_lines(desk, step)]
    status = () if case.refund_id is None else (Line(say("status.of_case")),)
    lines = (*facts_of_case(desk, case), *_standing(desk, case), *status, *steps)
    hint = say("returned.case_hint" if _another_way(desk, case) else "cases.facts_hint")
    if not case.open:
        hint = say("cases.closed_hint")
    return Page("case.facts", say("cases.title"), lines, hint=hint)


def _another_way(desk: Desk, case: Case) -> bool:
    """Whether what came back may go another way: an exception of the shop's allows it."""
    sale = desk.ledger.sales.by_key(case.sale_key)
    back = sale is not None and case.kind is CaseKind.RETURNED
    return back and sale is not None and another_way_is_open(desk, sale)


def step_lines(desk: Desk, step: CaseStep) -> list[Line]:
    """When and what, what was said, what shows it."""
    when = f"{desk.shop.local(step.at):%m-%d %H:%M} {step.operator}"
    shown = [
        heading(say(f"cases.step_{step.kind.value}"), when),
        *([Line(step.text)] if step.text else []),
    ]
    shown += [Line(say(f"tenders.evidence_{e.kind.value}"), e.reference) for e in step.evidence]
    return shown


def _progress(desk: Desk, case: Case) -> tuple[Progress, str]:
    """With its words."""
    progress = case.progress(desk.clock.now().date())
    words = say(f"cases.is_{progress.value}", date=f"{case.due_on:%m-%d}")
    return progress, render(words, desk.ui.language)


def _standing(desk: Desk, case: Case) -> tuple[Line, ...]:
    progress, words = _progress(desk, case)
    label, day = say("cases.state"), Line(say("cases.next"), f"{case.due_on:%Y-%m-%d}")
    if progress is Progress.DUE:
        return heading(label, words), day
    return (Line(label, words), *((day,) if progress is Progress.NEW else ()))


def _option(desk: Desk, case: Case) -> Line:
    """Of sales that name one exchange credit each has its own case: which sale, and how much."""
    name, facts = name_of_case(case), case.facts
    _, words = _progress(desk, case)
    due = f" {case.due_on:%m-%d}" if case.progress(desk.clock.now().date()) is Progress.DUE else ""
    standing, number = f"{words}{due}", f"#{case.case_id}"
    sale = desk.ledger.sales.by_key(case.sale_key)
    text = name if isinstance(name, str) else render(name, desk.ui.language)
    if not isinstance(facts, ToldExchange) or sale is None:
        return Line(f"{number} {text}", standing)
    of_sale = f"{sale.number} {with_symbol(sale.amount, sale.currency)}"
    return Line(f"{number} {text}\n  {standing} {of_sale}")
