"""A leg that was paid in points: a movement that the till fetches (R37)."""

from __future__ import annotations

from pos_terminal.core.words import say
from pos_terminal.flows.common.desk import Desk
from pos_terminal.flows.refund.show_result import show_result
from pos_terminal.ports import Application, Result


async def book_points(desk: Desk, application: Application, *, more: bool = False) -> None:
    """One commit has refund, movement and slips; what follows is paper."""
    refund = await desk.ledger.book_points(application.number, desk.papers().points(application))
    desk.printing.wake()
    await show_result(
        desk, Result(refund, say("flows.done_points"), say("flows.points_follow")), more=more
    )
