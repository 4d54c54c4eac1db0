"""Which accepted refunds the acquirer's file should have confirmed by now (R50)."""

from __future__ import annotations

from collections.abc import Sequence

from pos_terminal.core.refund import Refund
from pos_terminal.flows.common.desk import Desk


def unconfirmed(desk: Desk) -> Sequence[Refund]:
    """The oldest first; none where no file ever confirmed one, or nobody is to follow them up."""
    before = desk.shop.confirmed_before
    first = None if before is None else desk.ledger.refunds.first_confirmed()
    if before is None or first is None:  # the list of working days is not wanted
        return ()
    return desk.ledger.refunds.unconfirmed(first, before(desk.clock.now().date()))
