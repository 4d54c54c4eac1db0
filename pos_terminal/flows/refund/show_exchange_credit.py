"""An exchange credit that was scanned: what it is worth, and the way to its rest (R37)."""

from __future__ import annotations

from typing import Final

from pos_terminal.core.exchange_credit import CreditState, ExchangeCredit
from pos_terminal.core.money import with_symbol
from pos_terminal.core.voucher import mask
from pos_terminal.core.words import say
from pos_terminal.flows.common.ask_supervisor import ask_each
from pos_terminal.flows.common.desk import Desk
from pos_terminal.flows.refund.confirm_credit import until_line
from pos_terminal.flows.refund.settle_credit import settle_credit
from pos_terminal.ui.ask import choose, heading, large, tell
from pos_terminal.ui.page import Line, Page

_RULE: Final = "exchange_credit"
"""Stands for what two people are asked in an approval."""


async def show_exchange_credit(desk: Desk, credit: ExchangeCredit) -> None:
    """State, amounts, and until when the till takes it; what is left of it goes back by a key."""
    title, lines = say("exchange.credit"), _lines(desk, credit)
    if credit.state is not CreditState.OPEN:
        await tell(desk.ui, "exchange.credit_closed", title, *lines)
        return
    way = "exchange.rest_back" if credit.stands else "exchange.end"
    options = (Line(say(way), with_symbol(credit.left, credit.currency)),)
    page = Page("exchange.credit", title, lines, hint=say("ui.by_digit"))
    await choose(desk.ui, page, options, first=None)
    if credit.stands:
        await settle_credit(desk, credit.number)
        return
    ended = await _end(desk, credit)
    await tell(desk.ui, "exchange.credit_closed", title, *_lines(desk, ended))


async def _end(desk: Desk, credit: ExchangeCredit) -> ExchangeCredit:
    """Its sale is locked or voided: the money may be back already. Two others say that nothing of
    it is the till's any more."""
    (maker,) = {one.operator for one in desk.ledger.exchange_credits.legs(credit.ticket)}
    what = (
        large(say("exchange.end"), with_symbol(credit.left, credit.currency)),
        Line(say("exchange.credit_number"), mask(credit.number)),
        Line(say("exchange.credit_stopped")),
        Line(say("exchange.stays")),
    )
    first, second = await ask_each(
        *(desk, 2, what, {desk.clerk.number, maker}), amount=credit.left, rule=_RULE
    )
    return await desk.ledger.end_exchange_credit(credit.number, desk.clerk.number, (first, second))


def _lines(desk: Desk, credit: ExchangeCredit) -> tuple[Line, ...]:
    state = credit.state_at(desk.clock.now())
    return (
        heading(say(f"exchange.credit_{state}"), with_symbol(credit.left, credit.currency)),
        Line(say("exchange.credit_worth"), with_symbol(credit.amount, credit.currency)),
        Line(say("exchange.credit_taken"), with_symbol(credit.taken, credit.currency)),
        until_line(desk, credit.expires_at),
        Line(say("exchange.credit_number"), mask(credit.number)),
    )
