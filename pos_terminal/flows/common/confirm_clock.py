"""A date that no clock here vouches for: a supervisor looks at it (R70)."""

from __future__ import annotations

from pos_terminal.core.words import say
from pos_terminal.flows.common.ask_supervisor import ask_one
from pos_terminal.flows.common.desk import Desk
from pos_terminal.ui.ask import confirm, heading
from pos_terminal.ui.page import Page


async def confirm_clock(desk: Desk) -> None:
    """Until there is nothing to ask. Cancelled where the date is not the right one: then the
    clock stays in doubt."""
    title, hint = say("clock.title"), say("clock.confirm_hint")
    while (asked := desk.clock.question) is not None:
        what = (heading(asked),)
        await confirm(desk.ui, Page("clock.confirm", title, what, hint=hint))
        person = await ask_one(desk, what, set())
        facts = {"supervisor": person.number, "asked": asked.code, **asked.values}
        await desk.ledger.journal.note("clock_confirmed", facts)
        desk.clock.confirm(asked)  # another sign-on may have come meanwhile: then it is asked anew
