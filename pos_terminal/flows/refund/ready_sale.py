"""A sale of which something is to go back by another way than its own screen."""

from __future__ import annotations

from pos_terminal.core.rules.state import refusal
from pos_terminal.core.sale import Sale
from pos_terminal.core.words import Failure
from pos_terminal.flows.common.desk import Desk
from pos_terminal.flows.common.get_ready import get_ready
from pos_terminal.flows.common.turned_away import at_home_here, by_state
from pos_terminal.flows.refund.one_payment import one_payment


async def ready_sale(desk: Desk, sale_key: int | None, *, by_gift: bool) -> Sale:
    """What may be the same payment is asked about first (R7)."""
    sale = desk.ledger.sales.by_key(sale_key)
    if sale is not None and desk.shop.home is not None:
        at_home_here(sale, desk.shop.home)
    await get_ready(desk)
    sale = desk.ledger.sales.by_key(sale_key)
    if sale is None:
        raise Failure("flows.no_sale")
    while refusal(sale) is None:
        if (joined := await one_payment(desk, sale, by_gift=by_gift)) is None:
            return sale
        sale = joined
    raise by_state(sale)
