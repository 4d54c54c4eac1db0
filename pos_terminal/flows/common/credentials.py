"""How a person says who it is: number or badge, and PIN in any case (R22, R86)."""

from __future__ import annotations

from typing import Final

from msgspec.structs import replace

from pos_terminal.core.badge import Badge, badge_of
from pos_terminal.core.people import PIN_MAX, PIN_MIN, Who
from pos_terminal.core.words import say
from pos_terminal.ports import InputEvent, Scanned
from pos_terminal.ui.ask import Entry, digits_or
from pos_terminal.ui.page import Line, Page
from pos_terminal.ui.prompt import Ui

NUMBER: Final = Entry(1, 6)
PIN: Final = Entry(PIN_MIN, PIN_MAX, secret=True)


async def ask_who(ui: Ui, page: Page, *, first: str = "", cancellable: bool = True) -> Who:
    """A number that is typed or a badge that is scanned; whose it is, nobody is told before the
    PIN. Another code is said to be none."""
    shown = page
    while True:
        who: Who | Scanned = await digits_or(
            ui, shown, NUMBER, _scanned, first=first, cancellable=cancellable
        )
        if not isinstance(who, Scanned):
            return who
        ui.beep()
        first, shown = "", replace(page, hint=say("flows.no_badge"))


def _scanned(event: InputEvent) -> Badge | Scanned | None:
    return (badge_of(event.text) or event) if isinstance(event, Scanned) else None


def pin_of(who: Who) -> Line:
    """What asks for the PIN. The code of a badge is never shown."""
    if isinstance(who, Badge):
        return Line(say("flows.pin_of_badge"))
    return Line(say("flows.pin_of", number=who))
