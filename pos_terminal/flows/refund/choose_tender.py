"""Which leg of the sale is given back, asked where more than one could be (R34)."""

from __future__ import annotations

from pos_terminal.core.sale import Sale, Tender
from pos_terminal.core.words import say
from pos_terminal.flows.common.cannot_be import against_leg, legs_of
from pos_terminal.flows.common.desk import Desk
from pos_terminal.flows.common.name_leg import leg_line
from pos_terminal.ui.ask import choose
from pos_terminal.ui.page import Page


async def choose_tender(desk: Desk, sale: Sale) -> Tender:
    """The leg to give back: the same tender as the sale's, card before cash (R34, R35).

    TurnedAway where nothing of it can go back; of all of them the sale's screen says so before.
    """
    legs = legs_of(sale)
    place = 0
    if len(legs) > 1:
        options = [leg_line(sale, tender) for tender in legs]
        page = Page("refund.leg", say("flows.which_leg"), hint=say("ui.by_digit"))
        place = await choose(desk.ui, page, options, first=None)
    away = against_leg(desk, sale, legs[place])
    if away is not None:
        raise away
    return legs[place]
