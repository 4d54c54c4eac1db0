"""A customer asks where the money is: by a slip or certificate of ours that is scanned, by the
check code on it, or by the number of the application (R50)."""

from __future__ import annotations

from typing import Final

from pos_terminal.core import receipt_code
from pos_terminal.core.receipt_code import LENGTH
from pos_terminal.core.words import Failure, say
from pos_terminal.flows.common.desk import Desk
from pos_terminal.flows.common.show_status import show_status
from pos_terminal.ports import InputEvent, Key, KeyPressed, Scanned
from pos_terminal.ports.standing import application_of, standing_of
from pos_terminal.ui.page import Line, Page

_MOST_OF_NUMBER: Final = len(str(receipt_code.MAX_SERIAL))


async def ask_status(desk: Desk) -> None:
    """Failure ``status.none``, or ``flows.scan_again`` where the check digit is wrong."""
    asked = await _ask(desk)
    number = _of_code(desk, asked) if len(asked) > _MOST_OF_NUMBER else int(asked)
    standing = None if number is None else standing_of(desk.ledger, number)
    if standing is None:
        raise Failure("status.none")
    await show_status(desk, standing)


def _of_code(desk: Desk, text: str) -> int | None:
    code = receipt_code.decode(text)
    if code is None:
        raise Failure("flows.scan_again")
    return application_of(desk.ledger, code, desk.shop.merchant_id, desk.shop.terminal_id)


async def _ask(desk: Desk) -> str:
    """Digits of a check code or of an application. A code may look like a card number, which no
    other prompt takes; this one keeps nothing of what is typed."""
    typed = ""

    def page(wrong: bool = False) -> Page:
        hint = say("status.neither") if wrong else None
        return Page("status.ask", say("status.menu"), (Line(say("status.ask")),), typed, hint=hint)

    def accept(event: InputEvent) -> str | Page | None:
        nonlocal typed
        match event:
            case Scanned(text):
                return text.strip()
            case KeyPressed(Key.ENTER) if typed and _can_be(typed):
                return typed
            case KeyPressed(Key.ENTER):
                desk.ui.beep()
                return page(wrong=True)
            case KeyPressed(Key.CLEAR):
                typed = typed[:-1]
            case KeyPressed(key) if key.value.isdigit() and len(typed + key.value) <= LENGTH:
                typed += key.value
            case _:
                return None
        return page()

    answer: str = await desk.ui.prompt(page(), accept)
    return answer


def _can_be(typed: str) -> bool:
    return len(typed) == LENGTH or len(typed) <= _MOST_OF_NUMBER
