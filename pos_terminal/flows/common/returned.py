"""What came back from the customer's account: it waits to be given again (R50)."""

from __future__ import annotations

from pos_terminal.core.money import with_symbol
from pos_terminal.core.refund import State
from pos_terminal.core.sale import Sale
from pos_terminal.core.words import say
from pos_terminal.flows.common.another_way import ways_of
from pos_terminal.flows.common.desk import Desk
from pos_terminal.ui.page import Line


def returned_lines(desk: Desk, sale: Sale) -> list[Line]:
    """By the application of each refund that came back to a payment of which something is left."""
    left = {one.leg for one in sale.tenders if one.most > 0}
    return [
        Line(
            say("returned.application", number=one.application),
            with_symbol(one.done, sale.currency),
        )
        for one in desk.ledger.refunds.of_sale(sale.key)
        if one.state is State.RETURNED and one.leg in left
    ]


def another_way_is_open(desk: Desk, sale: Sale) -> bool:
    """Whether what came back may go another way than it had been paid."""
    back = {one.leg for one in desk.ledger.refunds.of_sale(sale.key) if one.state is State.RETURNED}
    return any(one.leg in back and ways_of(desk, sale, one) for one in sale.tenders)
