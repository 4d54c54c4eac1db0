"""How much goes back: typed in minor units, or all that remains by enter alone (R11)."""

from __future__ import annotations

from pos_terminal.core.eligibility import choose
from pos_terminal.core.money import format_amount, with_symbol
from pos_terminal.core.sale import Sale, Tender
from pos_terminal.core.words import Words, say
from pos_terminal.flows.desk import Desk
from pos_terminal.ui.ask import Entry, digits, heading
from pos_terminal.ui.page import Line, Page

MOST_DIGITS = 10


async def ask_amount(desk: Desk, sale: Sale, tender: Tender) -> int:
    """Minor units, above zero and within what remains of the leg; asked again until it is."""
    wrong: Words | None = None
    while True:
        # after a mistake enter alone is no longer “all of it”
        least = 0 if wrong is None else 1
        entry = Entry(least, MOST_DIGITS, show=lambda typed: _shown(typed, sale.currency))
        lines = _lines(desk, sale, tender, wrong)
        page = Page("refund.amount", say("flows.ask_amount"), lines, hint=say("flows.amount_hint"))
        typed = await digits(desk.ui, page, entry, fresh=True)
        amount = int(typed) if typed else tender.remaining
        wrong = _objection(amount, tender, sale.currency)
        if wrong is None:
            return amount
        desk.ui.beep()


def _objection(amount: int, tender: Tender, currency: str) -> Words | None:
    if amount <= 0:
        return say("rules.zero")
    if amount > tender.remaining:
        return say("rules.balance", left=format_amount(tender.remaining, currency))
    return None


def _lines(desk: Desk, sale: Sale, tender: Tender, wrong: Words | None) -> tuple[Line, ...]:
    whole = choose(sale, tender, tender.remaining, desk.here)
    lines = [heading(wrong)] if wrong is not None else []
    lines += [
        Line(say("flows.remaining"), with_symbol(tender.remaining, sale.currency)),
        *([Line(say("flows.whole"))] if wrong is None else []),
        Line(whole.why),
    ]
    return tuple(lines)


def _shown(typed: str, currency: str) -> str:
    return format_amount(int(typed), currency) if typed else ""
