"""Store credit: a voucher instead of notes, or of the one that had paid; no drawer (R36, R37)."""

from __future__ import annotations

from pos_terminal.core.words import say
from pos_terminal.flows.common.desk import Desk
from pos_terminal.flows.refund.show_result import show_result
from pos_terminal.ports import Application, Result


async def issue_credit(desk: Desk, application: Application, *, more: bool = False) -> None:
    """One commit has refund, voucher and slips; what follows is paper."""
    refund = await desk.ledger.issue_credit(application.number, desk.papers().credit(application))
    desk.printing.wake()
    await show_result(
        desk, Result(refund, say("flows.done_credit"), say("flows.credit_give")), more=more
    )
