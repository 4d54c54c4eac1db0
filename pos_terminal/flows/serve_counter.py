"""One person after the other logs in and works: where a clerk's flows begin."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from pos_terminal.flows.common.desk import Desk, LogOut
from pos_terminal.flows.people.log_in import log_in


async def serve_counter(desk: Desk) -> None:
    """Never returns."""
    while True:
        person = await log_in(desk)
        desk.outcomes().ask_anew()
        try:
            await the_work()(desk)
        except LogOut:
            await desk.ledger.journal.note("logout", {"number": person.number})


def the_work() -> Callable[[Desk], Awaitable[None]]:
    """The home screen and all that it leads to: no start waits for what needs a person first."""
    from pos_terminal.flows.home import work

    return work
