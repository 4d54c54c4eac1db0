"""Find the sale by its trace number: current batch first, then older ones by date (R1)."""

from __future__ import annotations

from pos_terminal.core.unfit import Unfit
from pos_terminal.core.words import say
from pos_terminal.flows.common.choose_sale import choose_sale
from pos_terminal.flows.common.desk import Desk
from pos_terminal.flows.common.turned_away import no_sale
from pos_terminal.ui.ask import Entry, digits
from pos_terminal.ui.page import Line, Page

TRACE = Entry(1, 6)


async def find_by_trace(desk: Desk, first: str = "") -> int:
    """The key. ``first`` is what was typed at the home screen already."""
    page = Page("find.trace", say("flows.find"), (Line(say("flows.ask_trace")),))
    trace = (await digits(desk.ui, page, TRACE, first=first)).zfill(6)
    sales = desk.ledger.sales.by_trace(trace)
    if not sales:
        raise no_sale(Unfit.NO_SALE, trace)
    return await choose_sale(desk, sales)
