"""What the clerk is told of the line to the acquirer, and when: before a supervisor is called."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from typing import Final

from pos_terminal.core.line_state import LineState
from pos_terminal.core.words import Failure, Words, say
from pos_terminal.flows.common.connect import at_most, connect
from pos_terminal.flows.common.desk import Desk
from pos_terminal.flows.common.meanwhile import meanwhile
from pos_terminal.flows.common.support import support_line
from pos_terminal.flows.common.unless_cancelled import unless_cancelled
from pos_terminal.ports import Authoriser, InputEvent, Key, KeyPressed
from pos_terminal.texts import next_step
from pos_terminal.texts.domain import OF_THE_LINE, of_the_line
from pos_terminal.ui.ask import heading
from pos_terminal.ui.page import Line, Page

_MARKS: Final[Mapping[LineState, str]] = {
    LineState.UNKNOWN: "devices.host_down",
    LineState.DOWN: "devices.host_down",
    LineState.SILENT: "devices.host_silent",
}


def line_mark(authoriser: Authoriser) -> tuple[Words, ...]:
    """For the title row."""
    mark = _MARKS.get(authoriser.line)
    if mark is None and authoriser.trouble is not None:
        mark = "devices.host_refuses"
    return () if mark is None else (say(mark),)


def line_lines(desk: Desk) -> list[Line]:
    """What is wrong with the line, and what can be done; nothing where all is well."""
    trouble = desk.authoriser.trouble
    if trouble is None:
        return []
    if desk.authoriser.ready:
        return [heading(say("flows.line_was_silent"))]
    words = of_the_line(trouble)
    todo = next_step(words)
    return [heading(words), *(Line(one) for one in (todo, say("flows.line_next")) if one)]


async def line_or_word(desk: Desk, *lines: Line) -> None:
    """Before anybody types a PIN for what needs the acquirer: on a dead line that is said, and goes
    on by itself once the line is back, or where Enter made it ready. Cancelled, or a Failure that
    is not the line's."""
    while desk.authoriser.probing or _is_dead(desk):
        if not await _until_back(desk, lines):
            return
        try:
            await connect(desk, *lines)
            return
        except Failure as failure:
            if failure.code not in OF_THE_LINE:
                raise


def _is_dead(desk: Desk) -> bool:
    return desk.authoriser.trouble is not None and not desk.authoriser.ready


async def _until_back(desk: Desk, lines: tuple[Line, ...]) -> bool:
    """Whether it is to be tried at once; not where there is nothing to wait for any more."""
    at_once: asyncio.Future[bool] = asyncio.get_running_loop().create_future()

    def hear(event: InputEvent) -> bool | None:
        if event != KeyPressed(Key.ENTER) or not _is_dead(desk):
            return None
        if not at_once.done():
            at_once.set_result(True)
        return True

    async with meanwhile(_seen(desk, at_once)):
        return await unless_cancelled(desk, lambda: _page(desk, lines), at_once, hear)


async def _seen(desk: Desk, back: asyncio.Future[bool]) -> None:
    """Ends the wait with the probe that is under way, or with the first that finds the line: each
    changes what is on the screen."""
    while desk.authoriser.probing or _is_dead(desk):
        with suppress(TimeoutError):
            async with asyncio.timeout(1.0 if desk.authoriser.probing else None):
                await desk.ui.changed()
        desk.ui.refresh()
    if not back.done():
        back.set_result(False)


def _page(desk: Desk, lines: tuple[Line, ...]) -> Page:
    if _is_dead(desk):
        body = (*line_lines(desk), Line(say("flows.line_goes_on")), *lines)
        trouble = desk.authoriser.trouble
        support = () if trouble is None else support_line(of_the_line(trouble), desk.shop.support)
        hint = say("flows.line_hint")
        return Page("line.down", say("flows.line"), (*body, *support), hint=hint, alert=True)
    body = (*lines, Line(say("flows.line_probed")), at_most(desk, desk.authoriser.probing))
    return Page("line.probe", say("flows.waiting"), body, hint=say("flows.cancel_hint"))
