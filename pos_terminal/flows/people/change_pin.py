"""A person chooses a PIN that nobody else knows (R25)."""

from __future__ import annotations

from msgspec.structs import replace

from pos_terminal.core.people import PIN_MAX, PIN_MIN, Person
from pos_terminal.core.words import Failure, say
from pos_terminal.flows.common.credentials import PIN
from pos_terminal.flows.common.desk import Desk
from pos_terminal.ui.ask import Entry, digits, tell
from pos_terminal.ui.page import Line, Page

NEW_PIN = Entry(PIN_MIN, PIN_MAX, secret=True)
ABOUT_THE_NEW_ONE = frozenset({"people.length", "people.trivial", "people.reused"})


async def change_pin(desk: Desk, person: Person, old: str) -> Person:
    """The person with the duty to change taken away. Cancel leaves everything as it was.

    Failure ``people.…`` where the old PIN is wrong: it is not tried a second time.
    """
    while True:
        new = await _ask(desk, "pin.new", "flows.new_pin")
        if new != await _ask(desk, "pin.again", "flows.pin_again"):
            await tell(desk.ui, "pin.failed", say("flows.change_pin"), say("flows.pin_differs"))
            continue
        try:
            await desk.people.change_pin(person.number, old, new)
        except Failure as failure:
            if failure.code not in ABOUT_THE_NEW_ONE:
                raise
            await tell(desk.ui, "pin.failed", say("flows.change_pin"), failure.words)
            continue
        await desk.ledger.journal.note("pin_changed", {"number": person.number})
        return replace(person, must_change=False)


async def ask_old_pin(desk: Desk) -> str:
    """The PIN so far. It is held against the people's only with the new one."""
    return await _ask(desk, "pin.old", "flows.old_pin", PIN)


async def _ask(desk: Desk, name: str, text: str, entry: Entry = NEW_PIN) -> str:
    page = Page(name, say("flows.change_pin"), (Line(say(text)),))
    return await digits(desk.ui, page, entry)
