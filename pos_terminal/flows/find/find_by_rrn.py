"""Find the sale by reference number (RRN) and date (R2)."""

from __future__ import annotations

import re
from typing import Final

from pos_terminal.core.normal import normal
from pos_terminal.core.reference import spelled
from pos_terminal.core.unfit import Unfit
from pos_terminal.core.words import Words, say
from pos_terminal.flows.common.choose_sale import choose_sale
from pos_terminal.flows.common.desk import Desk
from pos_terminal.flows.common.found import Found
from pos_terminal.flows.common.next_search import next_search
from pos_terminal.flows.common.turned_away import no_sale
from pos_terminal.flows.find.ask_day import Other, ask_day
from pos_terminal.ports import InputEvent, Scanned
from pos_terminal.ui.ask import Entry, Typed, digits_or
from pos_terminal.ui.page import Line, Page

RRN_DIGITS = 12
_SCANNED: Final = re.compile(rf"[0-9A-Z]{{{RRN_DIGITS}}}")
"""Acquirers may use letters (ISO 8583 field 37 is an12)."""


async def find_by_rrn(desk: Desk, rrn: str = "") -> Found:
    """``rrn`` is what was typed already."""
    rrn = rrn or await ask_rrn(desk, "find.rrn", say("flows.find"), Typed())
    on = await ask_day(desk, "find.date")
    sales = desk.ledger.sales.by_rrn(rrn, on)
    if not sales:
        raise no_sale(Unfit.NO_SALE, f"{rrn} {on.isoformat()}")
    return await choose_sale(desk, sales)


async def ask_rrn(
    desk: Desk, name: str, title: Words, kept: Typed, other: Other | None = None
) -> str:
    """Twelve characters, typed or scanned; ``name`` is the prompt's. Without an ``other`` what is
    scanned besides begins the next search."""
    other = other or next_search(desk)
    asked = (Line(say("flows.letters")), Line(say("flows.ask_rrn")))
    lines: tuple[Line, ...] = asked
    while True:
        page = Page(name, title, lines, hint=say("flows.rrn_hint"))
        entry = Entry(0, RRN_DIGITS, letters=True)
        typed = await digits_or(
            desk.ui, page, entry, lambda event: _scanned(desk, event) or other(event), kept=kept
        )
        if len(typed) == RRN_DIGITS:
            kept.text = typed
            return typed
        lines = (*asked, Line(say("flows.too_short")))


def _scanned(desk: Desk, event: InputEvent) -> str | None:
    """A whole reference number, unless it is a till's receipt."""
    text = normal(event.text) if isinstance(event, Scanned) else ""
    if _SCANNED.fullmatch(code := spelled(text)):
        sales = desk.ledger.sales
        if not sales.by_receipt(text) and not sales.by_gift(text):
            return code
    return None
