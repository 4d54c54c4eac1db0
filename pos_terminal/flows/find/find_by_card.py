"""Card first: the customer has no receipt, the card finds its sales, offline (R4)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from pos_terminal.core.card_match import Need, Presented
from pos_terminal.core.listed import ListedSale
from pos_terminal.core.unfit import Unfit
from pos_terminal.core.words import say
from pos_terminal.flows.common.choose_sale import choose_sale
from pos_terminal.flows.common.desk import Desk
from pos_terminal.flows.common.found import Found
from pos_terminal.flows.common.presented import presented
from pos_terminal.flows.common.turned_away import no_sale
from pos_terminal.ui.page import Line, Page

if TYPE_CHECKING:
    from pos_terminal.wire.card_dialogue import CardRead


async def find_by_card(desk: Desk, reader: str) -> Found:
    """The newest sale by any of the card's numbers, or of the one chosen."""
    cards = await read_cards(desk, reader)
    found = sales_of(desk, cards)
    if not found:
        raise no_sale(Unfit.NO_CARD_SALE, " ".join(card.pan.masked for card in cards))
    return await choose_sale(desk, found)


async def read_cards(desk: Desk, reader: str) -> Sequence[Presented]:
    """Each number of the card in this reader. Failure ``card.…``."""
    desk.ui.show(Page("card.reading", say("flows.find"), (Line(say("flows.reading")),)))
    accounts = desk.ledger.sales.know_accounts()

    def judge(card: CardRead) -> Need:
        """A PAR finds something only where some sale has one."""
        return Need.ACCOUNT if accounts and card.par is None else Need.ANOTHER

    return [presented(desk, card) for card in await desk.read_card(reader, judge)]


def sales_of(desk: Desk, cards: Sequence[Presented]) -> Sequence[ListedSale]:
    """By any of these numbers and their accounts, newest first."""
    tokens = [token for card in cards for token in (card.token, *card.older.values())]
    accounts = [card.par for card in cards if card.par is not None]
    return desk.ledger.sales.by_token(tokens, accounts)
