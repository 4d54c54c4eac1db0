"""Which leg of the sale is given back, asked where more than one could be (R34)."""

from __future__ import annotations

from pos_terminal.core.money import format_amount
from pos_terminal.core.sale import Sale, Tender, TenderKind
from pos_terminal.core.unfit import Unfit
from pos_terminal.core.words import say
from pos_terminal.flows.common.desk import Desk
from pos_terminal.flows.common.name_leg import leg_line
from pos_terminal.flows.common.turned_away import unfit
from pos_terminal.ui.ask import choose
from pos_terminal.ui.page import Page


async def choose_tender(desk: Desk, sale: Sale) -> Tender:
    """The leg to give back: the same tender as the sale's, card before cash (R34, R35)."""
    open_legs = [tender for tender in sale.tenders if tender.remaining > 0]
    legs = [t for t in open_legs if t.kind is TenderKind.CARD]
    if not legs:
        legs = [tender for tender in open_legs if tender.kind is TenderKind.CASH]
    if not legs:
        raise unfit(sale, Unfit.ORIGINAL_CHANNEL, left=format_amount(sale.remaining, sale.currency))
    if len(legs) == 1:
        return legs[0]
    options = [leg_line(sale, tender) for tender in legs]
    return legs[await choose(desk.ui, Page("refund.leg", say("flows.which_leg")), options)]
