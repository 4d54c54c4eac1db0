"""To whom money goes back for a sale that was found by its gift receipt (R37)."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from pos_terminal.core.sale import Sale, Tender
from pos_terminal.core.words import say
from pos_terminal.flows.common.cannot_be import against_holder, legs_of
from pos_terminal.flows.common.desk import Desk
from pos_terminal.ui.ask import choose
from pos_terminal.ui.page import Line, Page


async def back_to_buyer(desk: Desk) -> bool:
    """Who paid gets it back as it was paid, which a supervisor must say; else who stands here gets
    store credit."""
    options = [Line(say("flows.gift_credit")), Line(say("flows.gift_buyer"))]
    page = Page("gift.way", say("flows.gift_way"), hint=say("ui.by_digit"))
    return await choose(desk.ui, page, options, first=None) == 1


def owed_to_holder(sale: Sale) -> Sale:
    """Of its goods: what is owed to who paid is nothing to who has the gift receipt."""
    return replace(sale, owed=sale.owed_to_holder)


def for_holder(desk: Desk, sale: Sale) -> Sequence[Tender]:
    """The payments that store credit for a gift is taken from, without those of which nothing goes
    back but by a form: as few as there can be, for each has a voucher of its own. A voucher is the
    worth of one refund, as a refund is of one payment; so each has its own balance, purge and
    proof."""
    legs = [leg for leg in legs_of(sale) if against_holder(desk, sale, leg) is None]
    return sorted(legs, key=lambda leg: -leg.most)
