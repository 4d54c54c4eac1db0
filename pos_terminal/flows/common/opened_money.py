"""Goods that an exchange credit had paid for are back: what became of the payments of the credit's
own sale that they opened again (R37)."""

from __future__ import annotations

from collections.abc import Collection

from msgspec import Struct

from pos_terminal.core.application import ApplicationState
from pos_terminal.core.exchange_credit import ExchangeCredit
from pos_terminal.core.money import with_symbol
from pos_terminal.core.refund import Kind
from pos_terminal.core.sale import Sale
from pos_terminal.core.words import say
from pos_terminal.flows.common.desk import Desk
from pos_terminal.ports import Application
from pos_terminal.ui.ask import heading
from pos_terminal.ui.page import Line


class Opened(Struct):
    """Minor units that are not back yet."""

    currency: str
    to_do: int = 0
    ticket: int | None = None
    """The first of which something is to do."""
    under_way: int = 0
    stays: int = 0
    """Withdrawn: the first sale can give it back."""
    receipt: str = ""
    """Of that sale."""

    @property
    def lines(self) -> tuple[Line, ...]:
        lines = []
        if self.to_do:
            lines.append(heading(say("exchange.goods_to_do"), self._shown(self.to_do)))
        if self.under_way:
            lines.append(Line(say("exchange.goods_under_way"), self._shown(self.under_way)))
        if self.stays:
            lines.append(heading(say("exchange.goods_stay"), self._shown(self.stays)))
            lines.append(Line(say("flows.receipt_no"), self.receipt))
        return tuple(lines)

    def _shown(self, amount: int) -> str:
        return with_symbol(amount, self.currency)


def opened_by(desk: Desk, sale: Sale) -> Opened:
    """By the goods of this sale."""
    numbers = {one.exchange_no for one in sale.tenders if one.exchange_no}
    of_sale = desk.ledger.refunds.of_sale(sale.key) if numbers else ()
    backs = {one.application for one in of_sale if one.kind is Kind.EXCHANGE_BACK}
    return _of(desk, backs, numbers, sale.currency)


def opened_of(desk: Desk, credit: ExchangeCredit) -> Opened:
    """By any goods that this one had paid for."""
    again = desk.ledger.exchange_credits.opened_again(credit.ticket)
    backs = {one.application for one in again if one.application is not None}
    return _of(desk, backs, {credit.number}, credit.currency)


def _of(desk: Desk, backs: Collection[int], numbers: Collection[str], currency: str) -> Opened:
    applications = desk.ledger.applications
    found = Opened(currency)
    tickets = {one.ticket for one in map(applications.by_number, backs) if one is not None}
    for ticket in sorted(tickets):
        newest = {one.place: one for one in applications.of_ticket(ticket)}
        for one in newest.values():
            credit = desk.ledger.exchange_credits.behind(one.number)
            if credit is None or credit.number not in numbers:
                continue
            if one.sale_key == credit.sale_key and ticket != credit.ticket:
                _count(desk, found, one)
    return found


def _count(desk: Desk, found: Opened, one: Application) -> None:
    match one.state:
        case ApplicationState.OPEN if one.kept:
            found.to_do += one.amount
            found.ticket = found.ticket or one.ticket
        case ApplicationState.SEALED:
            found.under_way += one.amount
        case ApplicationState.CANCELLED:
            sale = desk.ledger.sales.by_key(one.sale_key)
            if sale is not None:  # and what was given back since by its own receipt is gone
                found.stays += min(one.amount, sale.tender(one.leg).remaining)
                found.receipt = sale.receipt_no
