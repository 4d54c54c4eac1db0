"""The technician tries the line: a sign-on (签到), and an echo there and back (回响)."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any, TypeVar

from pos_terminal.core.words import Failure, say
from pos_terminal.flows.common.connect import counting_down
from pos_terminal.flows.common.desk import Desk
from pos_terminal.texts.domain import of_the_line
from pos_terminal.ui.ask import tell

T = TypeVar("T")


async def sign_on(desk: Desk) -> None:
    """New keys; trading that the acquirer had stopped goes on. Failure ``host.…``."""
    await desk.ledger.journal.note("sign_on_asked", {"number": desk.clerk.number})
    await _tried(desk, desk.authoriser.sign_on())
    await tell(desk.ui, "line.done", say("flows.menu_sign_on"), say("flows.signed_on"))


async def echo(desk: Desk) -> None:
    """How long an answer takes. Failure ``host.…``."""
    milliseconds = round(await _tried(desk, desk.authoriser.echo()) * 1000)
    await tell(
        desk.ui, "line.done", say("flows.menu_echo"), say("flows.echoed", milliseconds=milliseconds)
    )


async def _tried(desk: Desk, work: Coroutine[Any, Any, T]) -> T:
    """Nobody wanted money back: a line that fails says nothing of a refund."""
    try:
        return await counting_down(desk, work, "line.wait")
    except Failure as failure:
        raise Failure.of(of_the_line(failure.words)) from None
