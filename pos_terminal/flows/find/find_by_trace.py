"""Find the sale by its trace number: current batch first, then older ones by date (R1)."""

from __future__ import annotations

from typing import Final

from pos_terminal.core.unfit import Unfit
from pos_terminal.core.words import say
from pos_terminal.flows.common.choose_sale import choose_sale
from pos_terminal.flows.common.desk import Desk
from pos_terminal.flows.common.found import Found
from pos_terminal.flows.common.next_search import next_search
from pos_terminal.flows.common.turned_away import no_sale
from pos_terminal.flows.find.find_by_rrn import RRN_DIGITS, find_by_rrn
from pos_terminal.ui.ask import Entry, digits_or, heading
from pos_terminal.ui.page import Line, Page

TRACE_DIGITS: Final = 6


async def find_by_trace(desk: Desk, first: str = "") -> Found:
    """``first`` is what was typed at the home screen already.

    Whoever types a reference number there is asked for its date next.
    """
    asked = (Line(say("flows.ask_trace")), Line(say("flows.or_rrn")))
    lines: tuple[Line, ...] = asked
    while True:
        page = Page("find.trace", say("flows.find"), lines)
        number = await digits_or(
            desk.ui, page, Entry(1, RRN_DIGITS), next_search(desk), first=first
        )
        if len(number) == RRN_DIGITS:
            return await find_by_rrn(desk, number)
        if len(number) <= TRACE_DIGITS:
            return await _of_trace(desk, number.zfill(TRACE_DIGITS))
        desk.ui.beep()
        first, lines = number, (heading(say("flows.neither_number")), *asked)


async def _of_trace(desk: Desk, trace: str) -> Found:
    sales = desk.ledger.sales.by_trace(trace)
    if not sales:
        raise no_sale(Unfit.NO_SALE, trace)
    return await choose_sale(desk, sales)
