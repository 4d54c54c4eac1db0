"""Refunds and voids whose outcome is not known yet; from here people settle one (R32)."""

from __future__ import annotations

from pos_terminal.core.money import with_symbol
from pos_terminal.core.people import Role
from pos_terminal.core.refund import Refund
from pos_terminal.core.words import say
from pos_terminal.flows.desk import Desk
from pos_terminal.flows.settle_unknown import settle_unknown
from pos_terminal.ui.ask import choose, confirm
from pos_terminal.ui.page import Line, Page


async def show_pending(desk: Desk) -> None:
    """The list, oldest first. A technician only reads it."""
    refunds = desk.ledger.open_refunds()
    options = [_option(refund) for refund in refunds]
    page = Page("pending", say("flows.menu_pending"), hint=say("unknown.choose_hint"))
    if refunds and desk.clerk.role is not Role.TECHNICIAN:
        await settle_unknown(desk, refunds[await choose(desk.ui, page, options)])
        return
    lines = tuple(options) or (Line(say("flows.nothing_pending")),)
    await confirm(desk.ui, Page("pending", page.title, lines, hint=say("ui.enter")))


def _option(refund: Refund) -> Line:
    amount = with_symbol(refund.amount, refund.currency)
    return Line(f"{refund.sealed_at:%m-%d %H:%M} {refund.stan or ''}", amount)
