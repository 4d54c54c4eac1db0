"""The acquirer decides, the ledger commits, the slips print, the clerk reads the outcome."""

from __future__ import annotations

import asyncio
from typing import NoReturn

from pos_terminal.core.money import with_symbol
from pos_terminal.core.sale import Sale
from pos_terminal.core.words import say
from pos_terminal.flows.desk import Desk
from pos_terminal.flows.present_card import card_away
from pos_terminal.flows.show_result import show_result
from pos_terminal.ports import Application, CardFacts
from pos_terminal.ui.ask import heading
from pos_terminal.ui.page import Line, Page
from pos_terminal.ui.prompt import Cancelled


async def pay_card(desk: Desk, application: Application, sale: Sale, card: CardFacts) -> None:
    """From the card to the result. Cancel works until the request is sealed (R30).

    Failure, as Cancelled, only where nothing was sealed.
    """
    amount = heading(say("flows.amount"), with_symbol(application.amount, sale.currency))
    await _connect(desk, amount)
    title = say("flows.waiting")
    lines = (amount, Line(say("flows.asking_host")), Line(say("flows.no_cancel")))
    desk.ui.show(Page("host.wait", title, lines))
    result = await desk.authoriser.authorise(application, sale, card)
    desk.printing.wake()
    await card_away(desk)
    await show_result(desk, result)


async def _connect(desk: Desk, amount: Line) -> None:
    """The line to the acquirer, with what is pending sent first; the clerk may still cancel."""
    page = Page(
        "host.connect",
        say("flows.waiting"),
        (amount, Line(say("flows.connecting"))),
        hint=say("flows.cancel_hint"),
    )
    preparing = asyncio.ensure_future(desk.authoriser.prepare())
    cancelling = asyncio.ensure_future(_until_cancelled(desk, page))
    try:
        await asyncio.wait({preparing, cancelling}, return_when=asyncio.FIRST_COMPLETED)
        if not preparing.done():
            raise Cancelled
        preparing.result()
    finally:
        for task in (preparing, cancelling):
            task.cancel()
        await asyncio.gather(preparing, cancelling, return_exceptions=True)


async def _until_cancelled(desk: Desk, page: Page) -> NoReturn:
    """Raises Cancelled when the clerk gives up; no other event ends it."""
    while True:
        await desk.ui.prompt(page, lambda _: None)
