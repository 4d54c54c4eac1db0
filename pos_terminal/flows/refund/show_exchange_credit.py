"""An exchange credit that was scanned: what it is worth, and the way to its rest (R37)."""

from __future__ import annotations

from typing import Final

from msgspec import Struct

from pos_terminal.core.application import ApplicationState
from pos_terminal.core.exchange_credit import CreditState, ExchangeCredit
from pos_terminal.core.items import owed
from pos_terminal.core.money import with_symbol
from pos_terminal.core.refund import Kind
from pos_terminal.core.words import VoucherFailure, Words, say
from pos_terminal.flows.common.ask_supervisor import ask_each
from pos_terminal.flows.common.desk import Desk
from pos_terminal.flows.common.found import Found
from pos_terminal.flows.common.opened_money import Opened, opened_of
from pos_terminal.flows.refund.confirm_credit import until_line
from pos_terminal.flows.refund.go_on import go_on
from pos_terminal.flows.refund.going import given_back, left_of_ticket, newest
from pos_terminal.flows.refund.settle_credit import settle_credit
from pos_terminal.ui.ask import choose, heading, large, tell
from pos_terminal.ui.page import Line, Page

_RULE: Final = "exchange_credit"
"""Stands for what two people are asked in an approval."""


class _Rest(Struct, frozen=True):
    """Of what the till left of a credit that it takes no more: where it is, minor units."""

    to_do: int = 0
    under_way: int = 0
    back: int = 0
    stays: int = 0
    """With the sale, that can give it back, and has not by now: its receipt leads there, too."""


async def show_exchange_credit(desk: Desk, credit: ExchangeCredit) -> None:
    """State, amounts, and until when the till takes it; what is left of it goes back by a key."""
    title, rest, opened = say("exchange.credit"), _rest(desk, credit), opened_of(desk, credit)
    lines = _lines(desk, credit, rest, opened)
    to_do = rest.to_do or opened.to_do
    if not credit.left and not to_do:
        await tell(desk.ui, "exchange.credit_closed", title, *lines)
        return
    way = "exchange.end" if credit.left and not credit.stands else "exchange.rest_back"
    if not credit.left and not rest.to_do:
        way = "exchange.goods_to_do"
    options = (Line(say(way), with_symbol(credit.left or to_do, credit.currency)),)
    page = Page("exchange.credit", title, lines, hint=say("ui.by_digit"))
    await choose(desk.ui, page, options, first=None)
    if not credit.left:
        ticket = credit.ticket if rest.to_do or opened.ticket is None else opened.ticket
        await go_on(desk, ticket)
    elif credit.stands:
        await settle_credit(desk, credit.number)
    else:
        ended = await _end(desk, credit)
        lines = _lines(desk, ended, _rest(desk, ended), opened)
        await tell(desk.ui, "exchange.credit_closed", title, *lines)


async def choose_credit(desk: Desk, found: Found) -> None:
    """Of those that stand on this sale, mostly one. Failure ``voucher.settled`` where none does any
    more."""
    credits = () if found.sale_key is None else desk.ledger.exchange_credits.open_of(found.sale_key)
    if not credits:
        raise VoucherFailure("voucher.settled")
    options = [Line(one.known_as, with_symbol(one.left, one.currency)) for one in credits]
    page = Page("exchange.credits", say("exchange.credit"), hint=say("ui.by_digit"))
    place = 0 if len(options) == 1 else await choose(desk.ui, page, options, first=None)
    await show_exchange_credit(desk, credits[place])


async def _end(desk: Desk, credit: ExchangeCredit) -> ExchangeCredit:
    """Its sale is locked or voided: the money may be back already. Two others say that nothing of
    it is the till's any more."""
    (maker,) = {one.operator for one in desk.ledger.exchange_credits.legs(credit.ticket)}
    what = (
        large(say("exchange.end"), with_symbol(credit.left, credit.currency)),
        Line(say("exchange.credit_number"), credit.known_as),
        Line(say("exchange.credit_stopped")),
        Line(say("exchange.stays")),
    )
    first, second = await ask_each(
        *(desk, 2, what, {desk.clerk.number, maker}), amount=credit.left, rule=_RULE
    )
    return await desk.ledger.end_exchange_credit(credit.number, desk.clerk.number, (first, second))


def _rest(desk: Desk, credit: ExchangeCredit) -> _Rest:
    if credit.state is CreditState.OPEN:
        return _Rest()
    plan = [one for one in newest(desk, credit.ticket) if one.kind is not Kind.EXCHANGE_CREDIT]
    sealed = sum(given_back(desk, one) for one in plan if one.state is ApplicationState.SEALED)
    back = sum(given_back(desk, one) for one in plan if one.state is ApplicationState.DONE)
    to_do = sum(one.amount for one in left_of_ticket(desk, credit.ticket))
    left = credit.amount - credit.taken - to_do - sealed - back
    stays, sale = left, desk.ledger.sales.by_key(credit.sale_key)
    if sale is not None and credit.stands:  # else it stands or falls with its case
        stays = min(left, owed(sale))
    return _Rest(to_do, sealed, back + left - stays, stays)


def _lines(desk: Desk, credit: ExchangeCredit, rest: _Rest, opened: Opened) -> tuple[Line, ...]:
    def line(words: Words, amount: int) -> Line:
        return Line(words, with_symbol(amount, credit.currency))

    where = {
        "exchange.rest_under_way": rest.under_way if rest.to_do else 0,
        "exchange.rest_gone": rest.back,
        "exchange.stays": rest.stays,
    }
    return (
        _standing(desk, credit, rest),
        line(say("exchange.credit_worth"), credit.amount),
        line(say("exchange.credit_taken"), credit.taken),
        *(line(say(label), amount) for label, amount in where.items() if amount),
        *opened.lines,
        until_line(desk, credit.expires_at),
        Line(say("exchange.credit_number"), credit.known_as),
    )


def _standing(desk: Desk, credit: ExchangeCredit, rest: _Rest) -> Line:
    """With what is left of it to use or to give back, or is on its way, where anything is."""
    if rest.under_way and not rest.to_do:
        amount = with_symbol(rest.under_way, credit.currency)
        return heading(say("exchange.rest_under_way"), amount)
    state = "to_do" if rest.to_do else credit.state_at(desk.clock.now())
    if state == "stopped" and credit.stands:
        state = "refused"
    left = credit.left or rest.to_do
    amount = with_symbol(left, credit.currency) if left else ""
    return heading(say(f"exchange.credit_{state}"), amount)
