"""How a person says who it is: number or badge, and PIN in any case (R22, R86)."""

from __future__ import annotations

from typing import Final

from msgspec.structs import replace

from pos_terminal.core.badge import Badge, badge_of
from pos_terminal.core.people import PIN_MAX, PIN_MIN, Who
from pos_terminal.core.words import say
from pos_terminal.flows.common.menu_key import menu_key
from pos_terminal.ports import InputEvent, Key, Scanned
from pos_terminal.ui.ask import Entry, digits_or
from pos_terminal.ui.page import Line, Page
from pos_terminal.ui.prompt import Ui

NUMBER: Final = Entry(1, 6)
PIN: Final = Entry(PIN_MIN, PIN_MAX, secret=True)


class MenuKey(Exception):
    """It was pressed where a person was asked for."""


async def ask_who(
    ui: Ui, page: Page, *, first: str = "", cancellable: bool = True, menu: bool = False
) -> Who:
    """A number that is typed or a badge that is scanned; whose it is, nobody is told before the
    PIN. Another code is said to be none. MenuKey, where that leads on."""
    shown = page
    while True:
        who: Who | Scanned | Key = await digits_or(
            *(ui, shown, NUMBER, _scanned_or_menu if menu else _scanned),
            first=first,
            cancellable=cancellable,
        )
        if isinstance(who, Key):
            raise MenuKey
        if not isinstance(who, Scanned):
            return who
        ui.beep()
        first, shown = "", replace(page, hint=say("flows.no_badge"))


def _scanned(event: InputEvent) -> Badge | Scanned | None:
    return (badge_of(event.text) or event) if isinstance(event, Scanned) else None


def _scanned_or_menu(event: InputEvent) -> Badge | Scanned | Key | None:
    return menu_key(event) or _scanned(event)


def pin_of(who: Who) -> Line:
    """What asks for the PIN. The code of a badge is never shown."""
    if isinstance(who, Badge):
        return Line(say("flows.pin_of_badge"))
    return Line(say("flows.pin_of", number=who))
