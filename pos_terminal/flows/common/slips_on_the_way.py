"""What a screen says of slips that are on their way: printed, waiting for paper, or to be asked
about (R42)."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager

from pos_terminal.core.words import Words, say
from pos_terminal.flows.common.desk import Desk
from pos_terminal.ports import InputEvent, Key, KeyPressed, SlipsEnd
from pos_terminal.ui.page import Line, Page

PRINT_SECONDS = 20.0
"""How long the screen stays with a printer that says nothing; the queue goes on by itself."""


class SlipsOnTheWay:
    """Waited for once, then followed while somebody reads the screen."""

    def __init__(self, desk: Desk, done: Callable[[], Awaitable[SlipsEnd]]) -> None:
        """``done``: as ``Printing.slips_done``, of the slips that are meant."""
        self._desk, self._done = desk, done
        self.end = SlipsEnd.WAITING

    async def wait(self, page: Page) -> None:
        """With ``page`` on the screen."""
        self._desk.ui.show(page)
        try:
            async with asyncio.timeout(PRINT_SECONDS):
                self.end = await self._done()
        except TimeoutError:
            self.end = SlipsEnd.WAITING

    @contextmanager
    def followed(self) -> Iterator[None]:
        """Keep the line about the slips true while paper or cable are mended."""
        following = asyncio.ensure_future(self._follow())
        try:
            yield
        finally:
            following.cancel()

    async def _follow(self) -> None:
        while (end := await self._done()) is SlipsEnd.WAITING:
            self.end = end
            await self._desk.printing.moved()
        self.end = end
        self._desk.ui.refresh()

    @property
    def came_out(self) -> bool:
        return self.end in (SlipsEnd.PRINTED, SlipsEnd.TAKEN)

    @property
    def words(self) -> Words:
        if self.end is SlipsEnd.PRINTED:
            return say("flows.slips_printed")
        if self.end is SlipsEnd.TAKEN:
            return say("flows.slips_taken")
        if self.end is SlipsEnd.UNSURE:
            return say("flows.slips_unsure")
        return self._desk.printing.trouble or say("flows.slips_waiting")


async def slips_of_case(desk: Desk, case_id: int, title: Words) -> SlipsOnTheWay:
    """What is printed for it now, waited for."""
    return await _waited_for(desk, title, lambda: desk.printing.case_slips_done(case_id))


async def slips_of_refund(desk: Desk, refund_id: int, title: Words) -> SlipsOnTheWay:
    """As ``slips_of_case``."""
    return await _waited_for(desk, title, lambda: desk.printing.slips_done(refund_id))


async def _waited_for(
    desk: Desk, title: Words, done: Callable[[], Awaitable[SlipsEnd]]
) -> SlipsOnTheWay:
    slips = SlipsOnTheWay(desk, done)
    await slips.wait(Page("print.wait", title, (Line(say("flows.printing")),)))
    return slips


async def tell_with_slips(
    desk: Desk, name: str, title: Words, *said: Words, slips: SlipsOnTheWay
) -> None:
    """As ``tell``, and where the slips are."""

    def page() -> Page:
        lines = tuple(Line(one) for one in (*said, slips.words))
        return Page(name, title, lines, hint=say("ui.enter"), alert=not slips.came_out)

    def accept(event: InputEvent) -> bool | None:
        return True if event in (KeyPressed(Key.ENTER), KeyPressed(Key.CANCEL)) else None

    with slips.followed():
        await desk.ui.prompt(page, accept, fresh=True, cancellable=False)
