"""The technician tries the line: a sign-on (签到), and an echo there and back (回响)."""

from __future__ import annotations

from pos_terminal.core.words import say
from pos_terminal.flows.common.desk import Desk
from pos_terminal.ui.ask import tell
from pos_terminal.ui.page import Line, Page


async def sign_on(desk: Desk) -> None:
    """New keys; trading that the acquirer had stopped goes on. Failure ``host.…``."""
    _show_waiting(desk)
    await desk.ledger.journal.note("sign_on_asked", {"number": desk.clerk.number})
    await desk.authoriser.sign_on()
    await tell(desk.ui, "line.done", say("flows.menu_sign_on"), say("flows.signed_on"))


async def echo(desk: Desk) -> None:
    """How long an answer takes. Failure ``host.…``."""
    _show_waiting(desk)
    milliseconds = round(await desk.authoriser.echo() * 1000)
    await tell(
        desk.ui, "line.done", say("flows.menu_echo"), say("flows.echoed", milliseconds=milliseconds)
    )


def _show_waiting(desk: Desk) -> None:
    desk.ui.show(Page("line.wait", say("flows.waiting"), (Line(say("flows.connecting")),)))
