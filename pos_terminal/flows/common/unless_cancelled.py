"""Work that the clerk may give up while it goes on."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, NoReturn, TypeVar

from pos_terminal.flows.common.desk import Desk
from pos_terminal.flows.common.meanwhile import meanwhile
from pos_terminal.ports import InputEvent
from pos_terminal.ui.page import Page

T = TypeVar("T")


def _nothing(_: InputEvent) -> bool | None:
    return None


async def unless_cancelled(
    desk: Desk,
    page: Page | Callable[[], Page],
    work: asyncio.Future[T],
    hear: Callable[[InputEvent], bool | None] = _nothing,
) -> T:
    """What ``work`` ends with. Cancelled when the clerk gives up, LogOut where a supervisor freed
    the terminal meanwhile; the work is then still under way, and the caller's affair.

    ``hear`` is told of the events that come meanwhile; True: it was a key for it.
    """
    async with meanwhile(_until_cancelled(desk, page, hear)) as leaving:
        both: set[asyncio.Future[Any]] = {work, leaving}
        await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        if desk.ui.locked:
            # nothing goes on behind the lock: whoever opens it, or takes over, decides
            opened = asyncio.ensure_future(desk.ui.unlocked())
            await asyncio.wait({opened, leaving}, return_when=asyncio.FIRST_COMPLETED)
            opened.cancel()
        if leaving.done():
            leaving.result()
        return await work


async def _until_cancelled(
    desk: Desk, page: Page | Callable[[], Page], hear: Callable[[InputEvent], bool | None]
) -> NoReturn:
    """Raises Cancelled when the clerk gives up, LogOut when somebody else is let in; nothing else
    ends it."""
    while True:
        await desk.ui.prompt(page, hear)
