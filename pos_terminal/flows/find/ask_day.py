"""Which day, as a receipt has it: month and day, the year only where it is long ago."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Final, Literal, overload

from pos_terminal.core.words import Words, say
from pos_terminal.flows.common.desk import Desk
from pos_terminal.flows.common.next_search import next_search
from pos_terminal.ports import InputEvent
from pos_terminal.ui.ask import Entry, Remark, digits_or
from pos_terminal.ui.page import Line, Page

_MMDD: Final = 4
_YYYYMMDD: Final = 8


Other = Callable[[InputEvent], str | Remark | None]
"""What a scan or a card is at a question: its answer, a remark, or none."""
_FIND: Final = say("flows.find")


@overload
async def ask_day(
    desk: Desk, name: str, title: Words = ..., *, other: Other | None = None
) -> date: ...
@overload
async def ask_day(desk: Desk, name: str, *, optional: Literal[True]) -> date | None: ...
async def ask_day(
    desk: Desk,
    name: str,
    title: Words = _FIND,
    *,
    optional: bool = False,
    other: Other | None = None,
) -> date | None:
    """The prompt ``name``: the newest such day that is not in the future; asked again until there
    is one. None only where it is ``optional``, for nothing typed. Without an ``other`` a scan or a
    card begins the next search."""
    more = (Line(say("flows.nothing_takes_out")),) if optional else ()
    asked = (Line(say("flows.ask_date")), *more)
    lines = asked
    while True:
        page = Page(name, title, lines)
        entry = Entry(0 if optional else _MMDD, _YYYYMMDD)
        typed = await digits_or(desk.ui, page, entry, other or next_search(desk))
        if not typed:
            return None
        on = day_meant(typed, desk.clock.now().date())
        if on is not None:
            return on
        lines = (*asked, Line(say("flows.bad_date")))


def day_meant(typed: str, today: date) -> date | None:
    """Of MMDD, or YYYYMMDD for what is longer ago than a year; None where there is no such day."""
    if len(typed) == _MMDD:
        return last_such_day(typed, today)
    try:
        day = date.fromisoformat(typed) if len(typed) == _YYYYMMDD else None
    except ValueError:
        return None
    return day if day is not None and day <= today else None


def last_such_day(mmdd: str, today: date) -> date | None:
    """The newest day with this MMDD that is not in the future; None where there is none.

    A future MMDD means last year (R2); 0229 means the last leap year within four.
    """
    for year in range(today.year, today.year - 9, -1):
        try:
            day = date(year, int(mmdd[:2]), int(mmdd[2:]))
        except ValueError:
            if mmdd != "0229":
                return None
            continue
        if day <= today:
            return day
    return None
