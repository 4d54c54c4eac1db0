"""What was typed and what a till told since may be one payment: asked before money goes back of
either (R7)."""

from __future__ import annotations

from typing import Final

from pos_terminal.core.sale import Sale, SaleLeg, SaleOrigin
from pos_terminal.core.words import Failure, say
from pos_terminal.flows.common.choose_sale import payment_option
from pos_terminal.flows.common.desk import Desk
from pos_terminal.flows.common.turned_away import at_home_here
from pos_terminal.ui.ask import choose, heading
from pos_terminal.ui.page import Line, Page

TITLE: Final = say("flows.one_payment")


async def one_payment(desk: Desk, sale: Sale, *, by_gift: bool = False) -> Sale | None:
    """The sale that both are, once somebody said so. None: there is no other, or it is none of
    them, for which the rules ask two supervisors.

    Failure where it can't be so by now. Cancelled leads back.
    """
    pairs = [
        (leg.leg, other)
        for leg in sale.tenders
        if leg.remaining > 0
        for other in desk.ledger.sales.perhaps_another(sale.key, leg.leg)
    ]
    if not pairs:
        return None
    typed = sale.origin is SaleOrigin.TYPED
    options = [_option(other, by_gift=by_gift) for _, other in pairs]
    options.append(Line(say("flows.typed_none")))
    asked = (heading(say("flows.one_payment_told" if typed else "flows.one_payment_typed")),)
    page = Page("typed.same", TITLE, asked, hint=say("ui.by_digit"))
    picked = await choose(desk.ui, page, options, first=None)
    if picked == len(pairs):
        others = ", ".join(other.sale.name for _, other in pairs)
        facts = {"sale": sale.name, "others": others, "operator": desk.clerk.number}
        await desk.ledger.journal.note("typed_apart", facts)
        return None
    leg, other = pairs[picked]
    ours, tills, number = (sale, other.sale, other.leg.leg) if typed else (other.sale, sale, leg)
    await desk.ledger.is_one(ours.key, tills.key, number, desk.clerk.number)
    joined = desk.ledger.sales.by_key(tills.key)
    if joined is None:
        raise Failure("ledger.sale_gone")
    if desk.shop.home is not None:
        at_home_here(joined, desk.shop.home)
    return joined


def _option(other: SaleLeg, *, by_gift: bool) -> Line:
    """Who has a gift is told neither what paid for it nor how much that was."""
    if by_gift:
        return Line(other.sale.when, other.sale.number)
    return payment_option(other)
