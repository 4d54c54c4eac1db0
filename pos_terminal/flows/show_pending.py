"""Refunds and voids whose outcome is not known yet (R32)."""

from __future__ import annotations

from pos_terminal.core.money import with_symbol
from pos_terminal.core.words import say
from pos_terminal.flows.desk import Desk
from pos_terminal.ui.ask import confirm
from pos_terminal.ui.page import Line, Page


async def show_pending(desk: Desk) -> None:
    """A list to read; nothing is settled from here."""
    refunds = desk.ledger.open_refunds()
    lines = [
        Line(
            f"{refund.sealed_at:%m-%d %H:%M} {refund.stan or ''} {refund.state.value}",
            with_symbol(refund.amount, refund.currency),
        )
        for refund in refunds
    ] or [Line(say("flows.nothing_pending"))]
    page = Page("pending", say("flows.menu_pending"), tuple(lines), hint=say("ui.enter"))
    await confirm(desk.ui, page)
