"""A sale that was typed wrong is taken back with a supervisor, to be typed right (R7)."""

from __future__ import annotations

from pos_terminal.core.money import with_symbol
from pos_terminal.core.typed import nothing_came_of
from pos_terminal.core.unfit import Unfit
from pos_terminal.core.words import Failure, say
from pos_terminal.flows.common.ask_supervisor import ask_one
from pos_terminal.flows.common.desk import Desk
from pos_terminal.flows.common.found import Found
from pos_terminal.flows.common.turned_away import no_sale
from pos_terminal.ui.ask import heading, large, tell
from pos_terminal.ui.page import Line


async def withdraw_typed(desk: Desk, found: Found) -> None:
    """One supervisor, one commit. Failure ``ledger.typed_used`` where something may have come of
    it."""
    sale = desk.ledger.sales.by_key(found.sale_key)
    if sale is None:
        raise no_sale(Unfit.NO_SALE, "")
    if not nothing_came_of(desk.ledger.refunds.of_sale(sale.key)):
        raise Failure("ledger.typed_used")
    what = (
        heading(say("flows.typed_wrong")),
        Line(say("flows.typed_rrn"), sale.first_rrn),
        Line(say("flows.typed_date"), sale.when),
        large(say("flows.amount"), with_symbol(sale.amount, sale.currency)),
    )
    person = await ask_one(desk, what, {desk.clerk.number})
    await desk.ledger.withdraw_typed(sale.key, desk.clerk.number, person.number)
    title, done = say("flows.typed_wrong"), say("flows.typed_withdrawn")
    await tell(desk.ui, "typed.withdrawn", title, done, alert=False)
