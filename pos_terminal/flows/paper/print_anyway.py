"""A printer that says it is offline and prints all the same: a supervisor answers for it (R42)."""

from __future__ import annotations

from pos_terminal.core.words import Words, say
from pos_terminal.flows.common.ask_supervisor import ask_one
from pos_terminal.flows.common.desk import Desk
from pos_terminal.ui.ask import heading, tell, tell_empty
from pos_terminal.ui.page import Line


async def print_anyway(desk: Desk) -> None:
    """The slips that wait go out, and later ones, for as long as it says just that and stays.
    Where it says something else, also by the time that a supervisor came, nothing is to do."""
    title = say("flows.menu_anyway")
    said = _said(desk)
    if said is not None:
        waiting = Line(say("flows.anyway_waiting"), str(desk.printing.waiting))
        what = (heading(said), waiting, Line(say("flows.anyway_sure")))
        supervisor = await ask_one(desk, what, set())
        said = _said(desk)
    if said is None:
        await tell_empty(desk.ui, "anyway.none", title, say("flows.not_offline"))
        return
    facts = {"supervisor": supervisor.number, "operator": desk.clerk.number, "said": said.code}
    await desk.ledger.journal.note("print_anyway", facts)
    desk.printing.print_anyway()
    await tell(desk.ui, "print.anyway", title, say("flows.anyway_done"), alert=False)


def _said(desk: Desk) -> Words | None:
    """What keeps it from printing, where that is nothing to be mended."""
    return desk.printing.trouble if desk.printing.says_offline else None
