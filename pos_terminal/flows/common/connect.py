"""The line to the acquirer is made ready while the clerk may still cancel."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from contextlib import AbstractAsyncContextManager
from typing import Any, TypeVar

from pos_terminal.core.words import Failure, say
from pos_terminal.flows.common.confirm_clock import confirm_clock
from pos_terminal.flows.common.desk import Desk
from pos_terminal.flows.common.meanwhile import meanwhile
from pos_terminal.flows.common.unless_cancelled import unless_cancelled
from pos_terminal.ports import Awaited
from pos_terminal.texts import render
from pos_terminal.ui.page import Line, Page

T = TypeVar("T")


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
    await counting_down(desk, desk.authoriser.prepare(), "host.connect", *lines)


async def counting_down(desk: Desk, work: Coroutine[Any, Any, T], name: str, *lines: Line) -> T:
    """What the line does for a person who waits, and who may give it up: then it ends. The seconds
    that it takes at most are on the screen; while what is owed goes first the prompt is
    ``owed.wait``."""

    def page() -> Page:
        waiting = desk.authoriser.waiting
        owed = waiting is not None and waiting.what is Awaited.OWED
        doing = say("flows.owed_first" if owed else "flows.connecting")
        body = (*lines, Line(doing), *seconds_left(desk))
        prompt = "owed.wait" if owed else name
        return Page(prompt, say("flows.waiting"), body, hint=say("flows.cancel_hint"))

    async with meanwhile(work) as working, every_second(desk):
        return await unless_cancelled(desk, page, working)


def seconds_left(desk: Desk) -> tuple[Line, ...]:
    """What is waited for at most; nothing where nobody waits."""
    waiting = desk.authoriser.waiting
    return () if waiting is None else (at_most(desk, waiting.left),)


def at_most(desk: Desk, seconds: int) -> Line:
    """What counts down."""
    left = render(say("flows.seconds", seconds=seconds), desk.ui.language)
    return Line(say("flows.owed_left"), left)


def every_second(desk: Desk) -> AbstractAsyncContextManager[object]:
    """The screen is drawn anew every second, for what counts down on it."""
    return meanwhile(_every_second(desk))


async def _every_second(desk: Desk) -> None:
    while True:
        await asyncio.sleep(1.0)
        desk.ui.refresh()
