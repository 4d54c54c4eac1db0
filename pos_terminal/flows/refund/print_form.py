"""A manual leg: its form is printed, its amount held; what comes of it people tell later (R38)."""

from __future__ import annotations

from pos_terminal.core.words import say
from pos_terminal.flows.common.desk import Desk
from pos_terminal.flows.refund.show_result import show_result
from pos_terminal.ports import Application, Result


async def print_form(desk: Desk, application: Application, *, more: bool = False) -> None:
    """One commit has refund, hold and form; what follows is paper."""
    refund = await desk.ledger.commit_form(application.number, desk.papers().form(application))
    desk.printing.wake()
    await show_result(
        desk, Result(refund, say("flows.form_open"), say("flows.form_sign")), more=more
    )
