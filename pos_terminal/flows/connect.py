"""The line to the acquirer is made ready while the clerk may still cancel."""

from __future__ import annotations

import asyncio
from typing import NoReturn

from pos_terminal.core.words import say
from pos_terminal.flows.desk import Desk
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
    cancelling = asyncio.ensure_future(_until_cancelled(desk, page))
    try:
        await asyncio.wait({preparing, cancelling}, return_when=asyncio.FIRST_COMPLETED)
        if desk.ui.locked:
            # nothing goes on behind the lock: whoever opens it, or takes over, decides
            opened = asyncio.ensure_future(desk.ui.unlocked())
            await asyncio.wait({opened, cancelling}, return_when=asyncio.FIRST_COMPLETED)
            opened.cancel()
        if cancelling.done():
            cancelling.result()
        preparing.result()
    finally:
        for task in (preparing, cancelling):
            task.cancel()
        await asyncio.gather(preparing, cancelling, return_exceptions=True)


async def _until_cancelled(desk: Desk, page: Page) -> NoReturn:
    """Raises Cancelled when the clerk gives up, LogOut when somebody else is let in; nothing else
    ends it."""
    while True:
        await desk.ui.prompt(page, lambda _: None)
