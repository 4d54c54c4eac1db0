"""A sale, or a reference, that was typed wrong is taken back with a supervisor, to be typed right
(R7)."""

from __future__ import annotations

from pos_terminal.core.money import with_symbol
from pos_terminal.core.sale import Sale, SaleOrigin, Tender
from pos_terminal.core.typed import nothing_came_of, typed_legs
from pos_terminal.core.unfit import Unfit
from pos_terminal.core.words import Failure, say
from pos_terminal.flows.common.ask_supervisor import ask_one
from pos_terminal.flows.common.desk import Desk
from pos_terminal.flows.common.found import Found
from pos_terminal.flows.common.name_leg import leg_line
from pos_terminal.flows.common.turned_away import no_sale
from pos_terminal.ui.ask import choose, heading, large, tell
from pos_terminal.ui.page import Line, Page


async def withdraw_typed(desk: Desk, found: Found) -> None:
    """One supervisor, one commit. Failure ``ledger.typed_used`` where something may have come of
    it."""
    sale = desk.ledger.sales.by_key(found.sale_key)
    if sale is None:
        raise no_sale(Unfit.NO_SALE, "")
    if sale.origin is not SaleOrigin.TYPED:
        await _withdraw_reference(desk, sale)
        return
    if not nothing_came_of(desk.ledger.refunds.of_sale(sale.key)):
        raise Failure("ledger.typed_used")
    supervisor = await _supervisor(desk, sale, sale.tenders[0])
    await desk.ledger.withdraw_typed(sale.key, desk.clerk.number, supervisor)
    await _done(desk)


async def _withdraw_reference(desk: Desk, sale: Sale) -> None:
    """Of a till's sale, which has none again. Failure ``ledger.reference_used`` as above."""
    legs = typed_legs(sale)
    leg = legs[0]
    if len(legs) > 1:
        page = Page("refund.leg", say("flows.which_leg"), hint=say("ui.by_digit"))
        options = [leg_line(sale, one) for one in legs]
        leg = legs[await choose(desk.ui, page, options, first=None)]
    refunds = desk.ledger.refunds.of_sale(sale.key)
    if not nothing_came_of(one for one in refunds if one.leg == leg.leg):
        raise Failure("ledger.reference_used")
    supervisor = await _supervisor(desk, sale, leg)
    await desk.ledger.withdraw_reference(sale.key, leg.leg, desk.clerk.number, supervisor)
    await _done(desk)


async def _supervisor(desk: Desk, sale: Sale, leg: Tender) -> str:
    """Who has seen the slip."""
    what = (
        heading(say("flows.typed_wrong")),
        Line(say("flows.typed_rrn"), "" if leg.payment is None else leg.payment.rrn),
        Line(say("flows.typed_date"), sale.when),
        large(say("flows.amount"), with_symbol(leg.amount, sale.currency)),
    )
    return (await ask_one(desk, what, {desk.clerk.number})).number


async def _done(desk: Desk) -> None:
    title, done = say("flows.typed_wrong"), say("flows.typed_withdrawn")
    await tell(desk.ui, "typed.withdrawn", title, done, alert=False)
