"""The home screen: scan, type or present a card, and the terminal knows what is wanted."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable

from pos_terminal.core.people import Role
from pos_terminal.core.words import Failure, Words, say
from pos_terminal.flows.answer_open_slips import answer_open_slips
from pos_terminal.flows.desk import Desk, LogOut
from pos_terminal.flows.find_by_card import find_by_card
from pos_terminal.flows.find_by_scan import find_by_scan
from pos_terminal.flows.find_by_trace import find_by_trace
from pos_terminal.flows.give_back import give_back
from pos_terminal.flows.log_in import log_in
from pos_terminal.flows.menu import menu
from pos_terminal.ports import (
    CardArrived,
    InputEvent,
    Key,
    KeyPressed,
    ScanDropped,
    Scanned,
)
from pos_terminal.ui.ask import heading, tell
from pos_terminal.ui.page import Line, Page
from pos_terminal.ui.prompt import Cancelled

log = logging.getLogger(__name__)

Wish = Callable[[], Awaitable[None]]


async def serve_counter(desk: Desk) -> None:
    """One person after the other logs in and works; never returns."""
    while True:
        person = await log_in(desk)
        try:
            await work(desk)
        except LogOut:
            await desk.ledger.note("logout", {"number": person.number})


async def work(desk: Desk) -> None:
    """The home screen again and again; whatever ends an action ends here. LogOut leaves.

    A technician moves no money: the menu is all that there is.
    """
    while True:
        try:
            if desk.clerk.role is Role.TECHNICIAN:
                await menu(desk)
                continue
            await answer_open_slips(desk)
            wish = await _ask_wish(desk)
            await wish()
        except LogOut:
            raise
        except Cancelled:
            continue
        except Failure as failure:
            await tell(desk.ui, "failure", say("flows.not_possible"), failure.words)
        except Exception:
            log.exception("a flow ended by a defect; the ledger has what was durable")
            await tell(desk.ui, "failure", say("flows.not_possible"), say("flows.defect"))


async def _ask_wish(desk: Desk) -> Wish:
    def accept(event: InputEvent) -> Wish | None:
        match event:
            case Scanned(text):
                return lambda: _found(desk, find_by_scan(desk, text))
            case ScanDropped():
                return lambda: tell(desk.ui, "failure", say("flows.scan"), say("flows.scan_again"))
            case CardArrived(reader) if reader in desk.readers.present():
                return lambda: _found(desk, find_by_card(desk, reader))
            case KeyPressed(Key.MENU):
                return lambda: menu(desk)
            case KeyPressed(key) if key.value.isdigit():
                return lambda: _found(desk, find_by_trace(desk, key.value))
            case _:
                return None

    return await desk.ui.prompt(_home_page(desk), accept, fresh=True)


def _home_page(desk: Desk) -> Page:
    lines = [
        *(heading(words) for words in _reminders(desk)),
        Line(say("flows.home_scan")),
        Line(say("flows.home_trace")),
        Line(say("flows.home_card")),
    ]
    return Page("home", say("flows.home"), tuple(lines), hint=say("flows.home_hint"))


def _reminders(desk: Desk) -> list[Words]:
    """What waits for somebody, said before anything else is begun."""
    reminders = []
    if pending := len(desk.ledger.open_refunds()):
        reminders.append(say("flows.remind_pending", count=pending))
    if cash := len(desk.ledger.to_hand_over()):
        reminders.append(say("flows.remind_cash", count=cash))
    if kept := len(desk.ledger.kept_applications()):
        reminders.append(say("flows.remind_kept", count=kept))
    return reminders


async def _found(desk: Desk, finding: Awaitable[str]) -> None:
    await give_back(desk, await finding)
