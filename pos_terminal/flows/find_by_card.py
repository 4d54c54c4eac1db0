"""Card first: the customer has no receipt, the card finds its sales, offline (R4)."""

from __future__ import annotations

from pos_terminal.core.words import Failure, say
from pos_terminal.flows.choose_sale import choose_sale
from pos_terminal.flows.desk import Desk
from pos_terminal.ports import CardGone, CardMute
from pos_terminal.ui.page import Line, Page


async def find_by_card(desk: Desk, reader: str) -> str:
    """The sale_id of the card's newest sale, or of the one chosen."""
    desk.ui.show(Page("card.reading", say("flows.find"), (Line(say("flows.reading")),)))
    try:
        link = await desk.readers.connect(reader)
        try:
            card = await desk.read_card(link)
        finally:
            await link.close()
    except (CardGone, CardMute):
        raise Failure("flows.card_again") from None
    sales = desk.ledger.by_token(desk.tokens.token(card.pan), card.par)
    if not sales:
        raise Failure("flows.no_card_sale")
    return await choose_sale(desk, sales)
