"""To whom money goes back for a sale that was found by its gift receipt (R37)."""

from __future__ import annotations

from pos_terminal.core.sale import Sale, Tender
from pos_terminal.core.words import say
from pos_terminal.flows.common.cannot_be import legs_of
from pos_terminal.flows.common.desk import Desk
from pos_terminal.ui.ask import choose
from pos_terminal.ui.page import Line, Page


async def back_to_buyer(desk: Desk) -> bool:
    """Who paid gets it back as it was paid, which a supervisor must say; else who stands here gets
    store credit."""
    options = [Line(say("flows.gift_credit")), Line(say("flows.gift_buyer"))]
    page = Page("gift.way", say("flows.gift_way"), hint=say("ui.by_digit"))
    return await choose(desk.ui, page, options, first=None) == 1


def most_left(sale: Sale) -> Tender:
    """The payment that store credit for a gift is taken from: nobody is told of the others."""
    return max(legs_of(sale), key=lambda leg: leg.remaining)
