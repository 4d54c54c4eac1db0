"""An exchange credit that was scanned: what it is worth, and the way to its rest (R37)."""

from __future__ import annotations

from pos_terminal.core.exchange_credit import CreditState, ExchangeCredit
from pos_terminal.core.money import with_symbol
from pos_terminal.core.voucher import mask
from pos_terminal.core.words import say
from pos_terminal.flows.common.desk import Desk
from pos_terminal.flows.refund.confirm_credit import until_line
from pos_terminal.flows.refund.settle_credit import settle_credit
from pos_terminal.ui.ask import choose, heading, tell
from pos_terminal.ui.page import Line, Page


async def show_exchange_credit(desk: Desk, credit: ExchangeCredit) -> None:
    """State, amounts, and until when the till takes it; what is left of it goes back by a key."""
    title, lines = say("exchange.credit"), _lines(desk, credit)
    if credit.state is not CreditState.OPEN:
        await tell(desk.ui, "exchange.credit_closed", title, *lines)
        return
    options = (Line(say("exchange.rest_back"), with_symbol(credit.left, credit.currency)),)
    page = Page("exchange.credit", title, lines, hint=say("ui.by_digit"))
    await choose(desk.ui, page, options, first=None)
    await settle_credit(desk, credit.number)


def _lines(desk: Desk, credit: ExchangeCredit) -> tuple[Line, ...]:
    state = credit.state_at(desk.clock.now())
    return (
        heading(say(f"exchange.credit_{state}"), with_symbol(credit.left, credit.currency)),
        Line(say("exchange.credit_worth"), with_symbol(credit.amount, credit.currency)),
        Line(say("exchange.credit_taken"), with_symbol(credit.taken, credit.currency)),
        until_line(desk, credit.expires_at),
        Line(say("exchange.credit_number"), mask(credit.number)),
    )
