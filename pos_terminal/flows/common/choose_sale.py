"""Several sales fit: the clerk picks one by date, amount and trace."""

from __future__ import annotations

from collections.abc import Sequence

from pos_terminal.core.money import with_symbol
from pos_terminal.core.sale import Sale
from pos_terminal.core.words import say
from pos_terminal.flows.common.desk import Desk
from pos_terminal.ui.ask import choose
from pos_terminal.ui.page import Line, Page


async def choose_sale(desk: Desk, sales: Sequence[Sale]) -> int:
    """The key of the only one, or of the one chosen."""
    if len(sales) == 1:
        return sales[0].key
    options = [_option(sale, desk) for sale in sales]
    return sales[await choose(desk.ui, Page("find.choose", say("flows.choose")), options)].key


def _option(sale: Sale, desk: Desk) -> Line:
    amount = with_symbol(sale.amount, sale.currency)
    return Line(f"{sale.sold_at:%Y-%m-%d %H:%M} {sale.number}", amount)
