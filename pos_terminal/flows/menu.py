"""The menu: what is not begun by a scan, a trace number or a card."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final

from pos_terminal.core.people import Role
from pos_terminal.core.words import say
from pos_terminal.flows.common.desk import Desk, LogOut
from pos_terminal.flows.find.find_by_rrn import find_by_rrn
from pos_terminal.flows.find.find_by_trace import find_by_trace
from pos_terminal.flows.paper.reprint import reprint
from pos_terminal.flows.people.change_pin import change_pin
from pos_terminal.flows.people.log_in import ask_pin
from pos_terminal.flows.refund.give_back import give_back
from pos_terminal.flows.refund.hand_out_cash import hand_over_later
from pos_terminal.flows.refund.kept_applications import show_kept
from pos_terminal.flows.trouble.close_case import show_cases
from pos_terminal.flows.trouble.show_pending import show_pending
from pos_terminal.flows.trouble.try_line import echo, sign_on
from pos_terminal.ui.ask import choose
from pos_terminal.ui.page import Line, Page


async def menu(desk: Desk) -> None:
    """One choice, then back to where the menu was opened."""
    entries = TECHNICIAN if desk.clerk.role is Role.TECHNICIAN else CLERK
    if desk.ledger.feed.refused():
        entries = (*entries, ("feed.list", _refused))
    options = [Line(say(key)) for key, _ in entries]
    at = await choose(desk.ui, Page("menu", say("flows.menu")), options)
    await entries[at][1](desk)


async def _by_rrn(desk: Desk) -> None:
    await give_back(desk, await find_by_rrn(desk))


async def _by_trace(desk: Desk) -> None:
    await give_back(desk, await find_by_trace(desk))


async def _own_pin(desk: Desk) -> None:
    old = await ask_pin(desk, "pin.old", desk.clerk.number)
    await change_pin(desk, desk.clerk, old)


async def _refused(desk: Desk) -> None:
    from pos_terminal.flows.trouble.see_refused import see_refused

    await see_refused(desk)


async def _log_out(desk: Desk) -> None:
    raise LogOut


MenuEntry = tuple[str, Callable[[Desk], Awaitable[None]]]
TECHNICIAN: Final[tuple[MenuEntry, ...]] = (
    ("flows.menu_pending", show_pending),
    ("flows.menu_sign_on", sign_on),
    ("flows.menu_echo", echo),
    ("flows.menu_pin", _own_pin),
    ("flows.menu_log_out", _log_out),
)
CLERK: Final[tuple[MenuEntry, ...]] = (
    ("flows.menu_trace", _by_trace),
    ("flows.menu_rrn", _by_rrn),
    ("flows.menu_reprint", reprint),
    ("flows.menu_cash", hand_over_later),
    ("flows.menu_pending", show_pending),
    ("flows.menu_kept", show_kept),
    ("flows.menu_pin", _own_pin),
    ("cases.list", show_cases),
    ("flows.menu_log_out", _log_out),
)
