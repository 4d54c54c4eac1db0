"""A customer without a receipt: first the card, then two facts of the sale (R4, R5, R17)."""

from __future__ import annotations

from collections.abc import Sequence

from pos_terminal.core.card_match import Presented
from pos_terminal.core.unfit import Unfit
from pos_terminal.core.words import Failure, Words, say
from pos_terminal.flows.common.choose_sale import choose_sale
from pos_terminal.flows.common.desk import Desk, LogOut
from pos_terminal.flows.common.found import Found
from pos_terminal.flows.common.next_search import next_search
from pos_terminal.flows.common.steps import BackHere
from pos_terminal.flows.common.turned_away import no_sale
from pos_terminal.flows.find.find_by_card import read_cards, sales_of
from pos_terminal.flows.find.find_by_facts import find_by_facts
from pos_terminal.ports import CardArrived, InputEvent, Key, KeyPressed
from pos_terminal.ui.ask import confirm, heading
from pos_terminal.ui.page import Line, Page
from pos_terminal.ui.prompt import Cancelled


async def look_for_it(desk: Desk) -> Found | Sequence[Presented]:
    """The sale, or the numbers of the card that was shown and paid none: the goods go back without
    a receipt. TurnedAway where the shop has them not go back so."""
    cards = await _by_card(desk)
    if isinstance(cards, Found):
        return cards
    try:
        return await find_by_facts(desk)
    except LogOut:
        raise
    except Cancelled:
        await _go_on(desk, cards)
    return cards


async def _by_card(desk: Desk) -> Found | Sequence[Presented]:
    """Enter goes on without; so does who looks at the card's sales and finds it in none."""
    cards: Sequence[Presented] = ()
    said: Words = say("flows.blind_card")
    while True:
        page = Page("blind.card", say("flows.blind"), (heading(said),), hint=say("flows.blind_no"))
        reader = await desk.ui.prompt(page, lambda event: _card_or_none(desk, event), fresh=True)
        if not reader:
            return cards
        try:
            cards = await read_cards(desk, reader)
        except Failure as failure:
            said = failure.words
            continue
        said = say("flows.no_card_sale")
        if found := sales_of(desk, cards):
            with BackHere():
                return await choose_sale(desk, found)
            said = say("flows.none_of_card")


def _card_or_none(desk: Desk, event: InputEvent) -> str | None:
    """The reader that has a card; empty for enter."""
    match event:
        case KeyPressed(Key.ENTER):
            return ""
        case CardArrived(reader) if reader in desk.readers.present():
            return reader
        case CardArrived():
            return None
    next_search(desk)(event)
    return None


async def _go_on(desk: Desk, cards: Sequence[Presented]) -> None:
    """No sale was found, or none was looked for. Cancelled leads home, where everything may be
    looked for again."""
    may = desk.shop.book.no_receipt is not None
    lines = (
        (heading(say("flows.blind_begins")), Line(say("flows.blind_as_credit")))
        if may
        else (heading(say("flows.receipt_needed")),)
    )
    hint = say("flows.blind_hint" if may else "flows.blind_off_hint")
    await confirm(desk.ui, Page("blind.begin", say("flows.blind"), lines, hint=hint))
    if not may:
        raise no_sale(Unfit.RECEIPT_NEEDED, " ".join(one.pan.masked for one in cards) or "-")
