"""The acquirer decides, the ledger commits, the customer takes the card, the slips print, the clerk
reads the outcome."""

from __future__ import annotations

from pos_terminal.core.money import with_symbol
from pos_terminal.core.sale import Sale
from pos_terminal.core.words import say
from pos_terminal.flows.common.connect import connect, every_second, seconds_left
from pos_terminal.flows.common.desk import Desk
from pos_terminal.flows.refund.present_card import card_away
from pos_terminal.flows.refund.show_result import outcome, show_result
from pos_terminal.ports import Application, Payee
from pos_terminal.ui.ask import large
from pos_terminal.ui.page import Line, Page


async def pay_card(
    desk: Desk, application: Application, sale: Sale, card: Payee, *, more: bool = False
) -> None:
    """From the card to the result. Cancel works until the request is sealed (R30); from there on
    nothing is printed until the card is away, or its reader (R28).

    Failure, as Cancelled, only where nothing was sealed. ``more`` of its ticket follows.
    """
    amount = large(say("flows.amount"), with_symbol(application.amount, sale.currency))
    await connect(desk, amount)

    def waiting() -> Page:
        lines = (amount, Line(say("flows.asking_host")), *seconds_left(desk))
        lines = (*lines, Line(say("flows.no_cancel")), Line(say("flows.then_certificate")))
        return Page("host.wait", say("flows.waiting"), lines)

    desk.ui.show(waiting)
    with desk.printing.hold():
        async with every_second(desk):
            result = await desk.authoriser.authorise(application, sale, card)
        await card_away(desk, *outcome(result))
    await show_result(desk, result, more=more)
