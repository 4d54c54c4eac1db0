"""Several sales fit: the clerk picks one by date, amount and trace."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from pos_terminal.core.listed import ListedSale
from pos_terminal.core.money import with_symbol
from pos_terminal.core.sale import SaleLeg, SaleState
from pos_terminal.core.words import say
from pos_terminal.flows.common.desk import Desk
from pos_terminal.flows.common.found import Found
from pos_terminal.flows.common.next_search import next_search
from pos_terminal.texts import render
from pos_terminal.ui.ask import choose_or
from pos_terminal.ui.page import Line, Page

_GONE: Final = {
    SaleState.VOIDED: "flows.voided",
    SaleState.WITHDRAWN: "flows.withdrawn",
}


async def choose_sale(
    desk: Desk, sales: Sequence[ListedSale], *, name: str = "find.choose", by_gift: bool = False
) -> Found:
    """The only one, or the one chosen."""
    if len(sales) == 1:
        return Found(sales[0].key, by_gift)
    options = [sale_option(sale, desk, by_gift) for sale in sales]
    page = Page(name, say("flows.choose"), hint=say("ui.by_digit"))
    picked = await choose_or(desk.ui, page, options, next_search(desk))
    return Found(sales[picked].key, by_gift)


def sale_option(sale: ListedSale, desk: Desk, by_gift: bool = False) -> Line:
    """A sale of which nothing is to be had says so, in place of what it was worth. Who has a gift
    knows the day and the goods, and is told no more."""
    about = f"{sale.when} {sale.goods if by_gift else sale.number}".rstrip()
    if (gone := _GONE.get(sale.state)) is not None:
        return Line(f"{about} {render(say(gone), desk.ui.language)}")
    return Line(about, "" if by_gift else with_symbol(sale.amount, sale.currency))


def payment_option(one: SaleLeg) -> Line:
    """A payment among those of other sales."""
    sale, leg = one.sale, one.leg
    masked = leg.card.masked if leg.card is not None and leg.card.masked else ""
    about = f"{sale.when} {sale.number} {masked[-4:]}".strip()
    return Line(about, with_symbol(leg.amount, sale.currency))
