"""What came back from the customer's account: it waits to be given again (R50)."""

from __future__ import annotations

from collections.abc import Sequence

from pos_terminal.core.money import with_symbol
from pos_terminal.core.sale import Sale, Tender
from pos_terminal.core.words import say
from pos_terminal.flows.common.another_way import came_back, ways_of
from pos_terminal.flows.common.desk import Desk
from pos_terminal.ui.page import Line


def returned_lines(desk: Desk, sale: Sale, legs: Sequence[Tender]) -> list[Line]:
    """By the application of each refund that came back to one of these payments, with what of it is
    not given again yet."""
    return [
        Line(
            say("returned.application", number=one.application),
            with_symbol(one.left, sale.currency),
        )
        for leg in legs
        if leg.most > 0
        for one in desk.ledger.sales.came_back(sale.key, leg.leg)
    ]


def waiting(desk: Desk, sale: Sale, legs: Sequence[Tender]) -> int:
    """What of it this one payment is to give again, minor units; of several nobody says which."""
    if len(legs) != 1:
        return 0
    return came_back(desk, sale, legs[0])


def another_way_is_open(desk: Desk, sale: Sale) -> bool:
    """Whether what came back may go another way than it had been paid."""
    return any(came_back(desk, sale, one) and ways_of(desk, sale, one) for one in sale.tenders)
