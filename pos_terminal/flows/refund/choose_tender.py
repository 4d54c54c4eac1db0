"""Which payment of the sale is given back, asked where more than one could be: one of them, or all
in their order (R34, R35)."""

from __future__ import annotations

from collections.abc import Sequence

from pos_terminal.core.refund import Kind
from pos_terminal.core.sale import Sale, Tender
from pos_terminal.core.ticket import order_of
from pos_terminal.core.words import say
from pos_terminal.flows.common.another_way import form_legs
from pos_terminal.flows.common.cannot_be import against_leg, alike_legs, of_buyer, usable_legs
from pos_terminal.flows.common.desk import Desk
from pos_terminal.flows.common.name_leg import leg_line
from pos_terminal.ui.ask import choose
from pos_terminal.ui.page import Line, Page


def _with_forms(desk: Desk, sale: Sale, usable: Sequence[Tender]) -> Sequence[Tender]:
    """What only the form is left for goes back in the same ticket, in its place."""
    placed = [(order_of(one.kind), one) for one in usable]
    placed += [(order_of(one.kind, Kind.MANUAL), one) for one in form_legs(desk, sale)]
    return [one for _, one in sorted(placed, key=lambda each: each[0])]


async def choose_tender(desk: Desk, sale: Sale, *, by_gift: bool = False) -> Sequence[Tender]:
    """The legs that the amount fills, in their order. Who has a gift is asked nothing and told
    nothing of what was paid how: all of them are filled, as with the buyer's own receipt.

    TurnedAway where nothing of the one that was chosen can go back; of all of them the sale's
    screen says so before.
    """
    alike = alike_legs(sale)
    usable = usable_legs(desk, sale)
    if usable and by_gift:
        return usable
    if usable:
        usable = _with_forms(desk, sale, usable)
    chosen: Sequence[Tender] = usable
    if len(alike) > 1 and not by_gift:
        options = [leg_line(sale, one) for one in alike]
        if len(usable) > 1:
            options.append(Line(say("flows.all_legs")))
        page = Page("refund.leg", say("flows.which_leg"), hint=say("ui.by_digit"))
        place = await choose(desk.ui, page, options, first=None)
        chosen = usable if place == len(alike) else [alike[place]]
    if chosen and chosen[0] in usable:
        return chosen
    away = against_leg(desk, sale, (*chosen, *alike)[0])
    if away is not None:
        raise of_buyer(away, sale) if by_gift else away
    return chosen
