"""What was typed or scanned and is kept nowhere: a badge, a card's number, and the number of a
voucher or exchange credit, with which whoever reads it could pay (R37, R54)."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from msgspec.structs import replace

from pos_terminal.core import receipt_code
from pos_terminal.core.badge import holds_badge
from pos_terminal.core.pan import holds_card_number
from pos_terminal.core.voucher import holds_number
from pos_terminal.core.words import Words, say
from pos_terminal.flows.common.desk import Desk
from pos_terminal.ui.ask import Entry, digits, text
from pos_terminal.ui.page import Page

REFERENCE: Final = Entry(4, 20)
"""What the acquirer calls its enquiry or its posting, typed: never nothing."""


def against_code(desk: Desk, code: str) -> Words | None:
    """Why it is nobody else's number, such as that of a piece or of an invoice: it is a secret, or
    stands on a slip of ours."""
    if holds_badge(code):
        return say("ui.no_badge")
    if holds_card_number(code):
        return say("ui.no_card_number")
    ours = receipt_code.decode(code)
    if ours is not None and ours.merchant_check == desk.shop.merchant_check:
        return say("ui.no_slip")
    return against_money(desk, code)


def against_money(desk: Desk, code: str) -> Words | None:
    """Whether the number of one stands in it, whatever else does."""
    return say("ui.no_voucher") if holds_number(code, desk.shop.merchant_check) else None


async def ask_text(
    desk: Desk, page: Page, most: int, first: str = "", *, cards: Collection[str] = ()
) -> str:
    """As ``ui.ask.text``; no voucher's number is taken either."""
    return await text(
        desk.ui, page, most, first, cards=cards, against=lambda typed: against_money(desk, typed)
    )


async def ask_digits(desk: Desk, page: Page, entry: Entry) -> str:
    """As ``ui.ask.digits``; no voucher's number is taken either."""
    wrong: Words | None = None
    while True:
        typed = await digits(desk.ui, replace(page, hint=wrong or page.hint), entry)
        if (wrong := against_money(desk, typed)) is None:
            return typed
        desk.ui.beep()
