"""An amount that has a most: more is not taken, and said."""

from __future__ import annotations

from msgspec.structs import replace

from pos_terminal.core.words import Words, say
from pos_terminal.flows.common.amount_hint import amount_hint
from pos_terminal.flows.common.desk import Desk
from pos_terminal.ui.ask import digits, heading, money_entry
from pos_terminal.ui.page import Page


async def ask_at_most(
    desk: Desk,
    page: Page,
    most: int,
    currency: str,
    more: Words,
    *,
    first: str = "",
    least: int = 1,
) -> int:
    """Minor units; it begins with ``first``. ``more`` stands above what the page says once too much
    was typed."""
    shown = replace(page, hint=amount_hint(currency))
    while True:
        amount = int(await digits(desk.ui, shown, money_entry(1, currency), first=first))
        if least <= amount <= most:
            return amount
        desk.ui.beep()
        wrong = more if amount > most else say("remedy.zero")
        shown = replace(shown, lines=(heading(wrong), *page.lines))
