"""What can be done about a case, one key from it (R46)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from pos_terminal.core.remedy import Remedy, remedies
from pos_terminal.core.words import say
from pos_terminal.flows.case.case_facts import name_of_case
from pos_terminal.flows.case.pay_out import can_pay_out, pay_out
from pos_terminal.flows.common.desk import Desk
from pos_terminal.ports import Case
from pos_terminal.ui.ask import choose, heading, tell_empty
from pos_terminal.ui.page import Line, Page

_DO: Final[Mapping[Remedy, Callable[[Desk, Case], Awaitable[None]]]] = {Remedy.PAYOUT: pay_out}
_LEADS: Final[Mapping[Remedy, Callable[[Desk, Case], bool]]] = {Remedy.PAYOUT: can_pay_out}
"""Whether it leads somewhere now."""


async def ask_remedy(desk: Desk, case: Case) -> None:
    """One alone goes on at once."""
    there = [one for one in remedies(case.kind) if _LEADS[one](desk, case)]
    title = say("remedy.title")
    if not there:
        await tell_empty(desk.ui, "case.remedy", title, say("remedy.none"))
        return
    picked = 0
    if len(there) > 1:
        about = (heading(name_of_case(case), str(case.case_id)),)
        page = Page("case.remedy", title, about, hint=say("ui.by_digit"))
        options = [Line(say(f"remedy.do_{one.value}")) for one in there]
        picked = await choose(desk.ui, page, options, first=None)
    await _DO[there[picked]](desk, case)
