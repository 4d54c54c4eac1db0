"""The line to the acquirer is made ready while the clerk may still cancel."""

from __future__ import annotations

import asyncio

from pos_terminal.core.words import say
from pos_terminal.flows.common.desk import Desk
from pos_terminal.flows.common.unless_cancelled import unless_cancelled
from pos_terminal.ui.page import Line, Page


async def connect(desk: Desk, *lines: Line) -> None:
    """Connection, sign-on, and what is pending sent first. Failure ``host.…``, Cancelled, or
    LogOut where a supervisor freed the terminal meanwhile."""
    page = Page(
        "host.connect",
        say("flows.waiting"),
        (*lines, Line(say("flows.connecting"))),
        hint=say("flows.cancel_hint"),
    )
    preparing = asyncio.ensure_future(desk.authoriser.prepare())
    try:
        await unless_cancelled(desk, page, preparing)
    finally:
        preparing.cancel()
        await asyncio.gather(preparing, return_exceptions=True)
