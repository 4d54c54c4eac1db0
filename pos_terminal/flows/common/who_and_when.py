"""Operator, time and batch: what stands at home."""

from __future__ import annotations

import asyncio
from contextlib import AbstractAsyncContextManager
from typing import Final

from pos_terminal.core.words import say
from pos_terminal.flows.common.desk import Desk
from pos_terminal.flows.common.meanwhile import meanwhile
from pos_terminal.ports.time import believed_now
from pos_terminal.texts import render
from pos_terminal.ui.page import Line

_MINUTE: Final = 60.0
_NO_TIME: Final = "--:--"


def who_and_when(desk: Desk) -> Line:
    """One row where the display has room for it, else two. A time that is in doubt is not shown."""
    now = believed_now(desk.clock)
    at = _NO_TIME if now is None else f"{now:%H:%M}"
    batch = render(say("flows.home_batch", batch=desk.ledger.counter.batch()), desk.ui.language)
    return Line(say("flows.home_operator", number=desk.clerk.number, at=at), batch)


def every_minute(desk: Desk) -> AbstractAsyncContextManager[object]:
    """The screen is drawn anew when the minute is over, and no oftener: an idle terminal sleeps."""
    return meanwhile(_every_minute(desk))


async def _every_minute(desk: Desk) -> None:
    while True:
        now = desk.clock.now()
        await asyncio.sleep(_MINUTE - now.second - now.microsecond / 1e6)
        desk.ui.refresh()
