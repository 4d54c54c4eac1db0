"""Card first: the customer has no receipt, the card finds its sales, offline (R4)."""

from __future__ import annotations

from pos_terminal.core.unfit import Unfit
from pos_terminal.core.words import say
from pos_terminal.flows.common.choose_sale import choose_sale
from pos_terminal.flows.common.desk import Desk
from pos_terminal.flows.common.turned_away import no_sale
from pos_terminal.ui.page import Line, Page


async def find_by_card(desk: Desk, reader: str) -> int:
    """The key of the card's newest sale, or of the one chosen."""
    desk.ui.show(Page("card.reading", say("flows.find"), (Line(say("flows.reading")),)))
    card = await desk.read_card(reader)
    token, older = desk.tokens.token(card.pan), desk.tokens.older(card.pan)
    sales = desk.ledger.sales.by_token(token, card.par, *older.values())
    if not sales:
        raise no_sale(Unfit.NO_CARD_SALE, card.pan.masked)
    return await choose_sale(desk, sales)
