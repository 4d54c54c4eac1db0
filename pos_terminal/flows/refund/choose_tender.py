"""Which leg of the sale is given back, asked where more than one could be (R34)."""

from __future__ import annotations

from pos_terminal.core.sale import Sale, Tender
from pos_terminal.core.words import say
from pos_terminal.flows.common.cannot_be import against_leg, legs_of
from pos_terminal.flows.common.desk import Desk
from pos_terminal.flows.common.name_leg import kind_of, leg_line
from pos_terminal.ui.ask import choose
from pos_terminal.ui.page import Line, Page


async def choose_tender(desk: Desk, sale: Sale, *, by_gift: bool = False) -> Tender:
    """The leg to give back: the same tender as the sale's, card before cash (R34, R35). Who has a
    gift is told neither the card nor what was paid by it.

    TurnedAway where nothing of it can go back; of all of them the sale's screen says so before.
    """
    legs = legs_of(sale)
    place = 0
    if len(legs) > 1:
        options = [Line(kind_of(one)) if by_gift else leg_line(sale, one) for one in legs]
        page = Page("refund.leg", say("flows.which_leg"), hint=say("ui.by_digit"))
        place = await choose(desk.ui, page, options, first=None)
    away = against_leg(desk, sale, legs[place])
    if away is not None:
        raise away
    return legs[place]
