"""Two others end the lock that wrong PINs set (R25): two supervisors, or one and a technician."""

from __future__ import annotations

from typing import Final

from pos_terminal.core.people import Person, Role
from pos_terminal.core.words import say
from pos_terminal.flows.common.ask_supervisor import ask_one
from pos_terminal.flows.common.desk import Desk
from pos_terminal.ports.people import SUPERVISORS
from pos_terminal.ui.ask import choose, heading, tell, tell_empty
from pos_terminal.ui.page import Line, Page

_EITHER: Final = SUPERVISORS | {Role.TECHNICIAN}


async def unlock_person(desk: Desk) -> None:
    """Neither of the two is the one who is locked; that one is told at the next log-in."""
    title = say("flows.menu_unlock")
    locked = await desk.people.locked()
    if not locked:
        await tell_empty(desk.ui, "unlock.none", title, say("flows.nobody_locked"))
        return
    options = [Line(f"{one.number} {one.name}") for one in locked]
    person = locked[await choose(desk.ui, Page("unlock.person", title), options)]
    first = await _ask(desk, person, 1, {person.number}, _EITHER)
    roles = SUPERVISORS if first.role is Role.TECHNICIAN else _EITHER
    second = await _ask(desk, person, 2, {person.number, first.number}, roles)
    await desk.people.unlock(person.number, (first.number, second.number))
    done = say("flows.unlocked", number=person.number)
    await tell(desk.ui, "unlock.done", title, done, alert=False)


async def _ask(
    desk: Desk, person: Person, place: int, not_these: set[str], roles: frozenset[Role]
) -> Person:
    what = (
        Line(say("flows.menu_unlock"), f"{person.number} {person.name}"),
        heading(say("flows.person_of", number=place, count=2)),
    )
    return await ask_one(desk, what, not_these, roles)
