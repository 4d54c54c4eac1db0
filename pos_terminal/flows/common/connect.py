"""The line to the acquirer is made ready while the clerk may still cancel."""

from __future__ import annotations

import asyncio

from pos_terminal.core.words import Failure, say
from pos_terminal.flows.common.confirm_clock import confirm_clock
from pos_terminal.flows.common.desk import Desk
from pos_terminal.flows.common.unless_cancelled import unless_cancelled
from pos_terminal.ui.page import Line, Page


async def connect(desk: Desk, *lines: Line) -> None:
    """Connection, sign-on, and what is pending sent first. Failure ``host.…``, Cancelled, or
    LogOut where a supervisor freed the terminal meanwhile. A sign-on may bring a date that a
    supervisor has to confirm."""
    try:
        await _prepare(desk, *lines)
    except Failure as failure:
        doubt = desk.clock.doubt
        if desk.clock.question is None or doubt is None or failure.code != doubt.code:
            raise
        await confirm_clock(desk)
        desk.must_know_the_time()


async def _prepare(desk: Desk, *lines: Line) -> None:
    def page() -> Page:
        """A countdown while what is owed goes first: the acquirer may be silent about it."""
        left = desk.authoriser.owed_left
        name, what = "host.connect", [Line(say("flows.connecting"))]
        if left is not None:
            name = "owed.wait"
            what = [Line(say("flows.owed_first")), Line(say("flows.owed_left"), f"{left} s")]
        return Page(name, say("flows.waiting"), (*lines, *what), hint=say("flows.cancel_hint"))

    preparing = asyncio.ensure_future(desk.authoriser.prepare())
    counting = asyncio.ensure_future(_every_second(desk))
    try:
        await unless_cancelled(desk, page, preparing)
    finally:
        counting.cancel()
        preparing.cancel()
        await asyncio.gather(preparing, counting, return_exceptions=True)


async def _every_second(desk: Desk) -> None:
    while True:
        await asyncio.sleep(1.0)
        desk.ui.refresh()
