"""The acquirer decides, the ledger commits, the customer takes the card, the slips print, the clerk
reads the outcome."""

from __future__ import annotations

from pos_terminal.core.money import with_symbol
from pos_terminal.core.sale import Sale
from pos_terminal.core.words import say
from pos_terminal.flows.common.connect import connect
from pos_terminal.flows.common.desk import Desk
from pos_terminal.flows.refund.present_card import card_away
from pos_terminal.flows.refund.show_result import show_result
from pos_terminal.ports import Application, CardFacts
from pos_terminal.ui.ask import heading
from pos_terminal.ui.page import Line, Page


async def pay_card(desk: Desk, application: Application, sale: Sale, card: CardFacts) -> None:
    """From the card to the result. Cancel works until the request is sealed (R30); from there on
    nothing is printed until the card is away, or its reader (R28).

    Failure, as Cancelled, only where nothing was sealed.
    """
    amount = heading(say("flows.amount"), with_symbol(application.amount, sale.currency))
    await connect(desk, amount)
    title = say("flows.waiting")
    lines = (amount, Line(say("flows.asking_host")), Line(say("flows.no_cancel")))
    desk.ui.show(Page("host.wait", title, lines))
    with desk.printing.hold():
        result = await desk.authoriser.authorise(application, sale, card)
        await card_away(desk)
    await show_result(desk, result)
