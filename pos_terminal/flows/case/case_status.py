"""What became of the refund that a case is about, for the customer who asks (R50)."""

from __future__ import annotations

from pos_terminal.flows.case.case_facts import refund_of_case
from pos_terminal.flows.common.desk import Desk
from pos_terminal.flows.common.show_status import show_status
from pos_terminal.ports import Case
from pos_terminal.ports.standing import standing_of


async def status_of_case(desk: Desk, case: Case) -> None:
    """Of a case without a refund there is nothing to say; the key only beeps."""
    refund = refund_of_case(desk, case)
    standing = None if refund is None else standing_of(desk.ledger, refund.application)
    if standing is None:
        desk.ui.beep()
        return
    await show_status(desk, standing)
