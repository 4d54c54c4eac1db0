"""The line to the acquirer is made ready while the clerk may still cancel."""

from __future__ import annotations

import asyncio
from typing import NoReturn

from pos_terminal.core.words import say
from pos_terminal.flows.desk import Desk
from pos_terminal.ui.page import Line, Page
from pos_terminal.ui.prompt import Cancelled


async def connect(desk: Desk, *lines: Line) -> None:
    """Connection, sign-on, and what is pending sent first. Failure ``host.…``, or Cancelled."""
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
        if not preparing.done():
            raise Cancelled
        preparing.result()
    finally:
        for task in (preparing, cancelling):
            task.cancel()
        await asyncio.gather(preparing, cancelling, return_exceptions=True)


async def _until_cancelled(desk: Desk, page: Page) -> NoReturn:
    """Raises Cancelled when the clerk gives up; no other event ends it."""
    while True:
        await desk.ui.prompt(page, lambda _: None)
