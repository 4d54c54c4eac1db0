"""The acquirer's file settles nothing before a supervisor has seen what it would settle (R32)."""

from __future__ import annotations

from enum import Enum

from pos_terminal.core.money import with_symbol
from pos_terminal.core.words import say
from pos_terminal.flows.common.ask_supervisor import ask_one
from pos_terminal.flows.common.desk import Desk
from pos_terminal.ports import InputEvent, Key, KeyPressed
from pos_terminal.ports.outcome_files import WaitingFile
from pos_terminal.ui.ask import heading, tell_empty
from pos_terminal.ui.page import Line, Page
from pos_terminal.ui.prompt import Cancelled


class _Answer(Enum):
    TAKE = "take"
    REFUSE = "refuse"


async def confirm_outcomes(desk: Desk) -> None:
    """Each file that waits, once: taken, refused, or put off until somebody logs in again or
    opens it from the menu.

    Moves no money and needs no acquirer: it works while trading is stopped.
    """
    await _each(desk)


async def see_waiting(desk: Desk) -> None:
    """From the menu: what was put off, one after the other."""
    desk.outcomes().ask_anew()
    if not await _each(desk):
        # whoever dropped it took it back, or all of it is settled by now
        await tell_empty(desk.ui, "outcomes.none", say("outcomes.list"), say("outcomes.none"))


async def _each(desk: Desk) -> bool:
    """Whether there was one."""
    shown = False
    while (file := await desk.outcomes().next()) is not None:
        shown = True
        try:
            await _confirm(desk, file)
        except Cancelled:
            desk.outcomes().put_off(file)
            raise
    return shown


async def _confirm(desk: Desk, file: WaitingFile) -> None:
    def accept(event: InputEvent) -> _Answer | None:
        match event:
            case KeyPressed(Key.ENTER):
                return _Answer.TAKE
            case KeyPressed(Key.MENU):
                return _Answer.REFUSE
            case _:
                return None

    lines = _lines(desk, file)
    title, hint = say("outcomes.title"), say("outcomes.confirm_hint")
    page = Page("outcomes.confirm", title, lines, hint=hint)
    answer = await desk.ui.prompt(page, accept, fresh=True)
    what = (Line(say(f"outcomes.{answer.value}")), *lines)
    person = await ask_one(desk, what, set())
    desk.ui.show(Page("outcomes.wait", title, (Line(say("outcomes.taking")),)))
    if answer is _Answer.REFUSE:
        await desk.outcomes().refuse(file, person.number)
    elif await desk.outcomes().take(file, person.number):
        desk.printing.wake()


def _lines(desk: Desk, file: WaitingFile) -> tuple[Line, ...]:
    found, currency = file.settling, desk.shop.currency
    sums = (
        ("outcomes.paid", found.paid, found.paid_sum),
        ("outcomes.not_paid", found.not_paid, found.not_paid_sum),
        *([("outcomes.returned", found.returned, found.returned_sum)] if found.returned else []),
        ("outcomes.cases", found.cases, found.over),
    )
    return (
        Line(file.name),
        Line(say("outcomes.records"), str(file.records)),
        *(
            heading(say(key, count=count), with_symbol(amount, currency))
            for key, count, amount in sums
        ),
    )
