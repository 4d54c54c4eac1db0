"""Applications kept for want of merchant funds (51): they come up again (R30)."""

from __future__ import annotations

from pos_terminal.core.decision import was_by_gift
from pos_terminal.core.money import with_symbol
from pos_terminal.core.words import say
from pos_terminal.flows.common.desk import Desk
from pos_terminal.flows.common.found import Found
from pos_terminal.flows.refund.give_back import give_back
from pos_terminal.ports import Application
from pos_terminal.ui.ask import choose, tell_empty
from pos_terminal.ui.page import Line, Page


async def show_kept(desk: Desk) -> None:
    """Choose one and go through its refund again, as a new application."""
    kept = desk.ledger.applications.kept()
    if not kept:
        await tell_empty(desk.ui, "kept.none", say("flows.menu_kept"), say("flows.nothing_kept"))
        return
    options = [_option(desk, application) for application in kept]
    chosen = kept[await choose(desk.ui, Page("kept", say("flows.menu_kept")), options)]
    by_gift = was_by_gift(desk.ledger.applications.decisions(chosen.number))
    await give_back(desk, Found(chosen.sale_key, by_gift, instead_of=chosen.number))


def _option(desk: Desk, application: Application) -> Line:
    """Its sale, and so much of its amount as has not gone back in another way meanwhile."""
    amount, named = application.amount, f"#{application.number}"
    sale = desk.ledger.sales.by_key(application.sale_key)
    if sale is not None:
        amount = min(amount, sale.tender(application.leg).remaining)
        named = f"{named} {sale.number}"
    return Line(named, with_symbol(amount, desk.shop.currency))
