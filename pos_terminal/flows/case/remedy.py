"""What can be done about a case, one key from it (R46)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from msgspec import Struct

from pos_terminal.core.remedy import Remedy, remedies, stays_gone
from pos_terminal.core.words import say
from pos_terminal.flows.case.case_facts import name_of_case, refund_of_case
from pos_terminal.flows.case.pay_out import can_pay_out, pay_out
from pos_terminal.flows.common.desk import Desk
from pos_terminal.flows.common.remedied import Remedied
from pos_terminal.ports import Case
from pos_terminal.ui.ask import choose, heading, tell_empty
from pos_terminal.ui.page import Line, Page


def _can_refund(desk: Desk, case: Case) -> bool:
    sale = desk.ledger.sales.by_key(case.sale_key)
    return sale is not None and sale.offered > 0


def _can_correct(desk: Desk, case: Case) -> bool:
    ticket = _ticket(desk, case)
    return bool(ticket and (desk.ledger.stock.where(ticket) or desk.ledger.stock.absent(ticket)))


def _ticket(desk: Desk, case: Case) -> int:
    """Of the refund that it is about; 0 where it is about none."""
    refund = refund_of_case(desk, case)
    found = None if refund is None else desk.ledger.applications.by_number(refund.application)
    return 0 if found is None else found.ticket


def _as_story(remedy: Remedy) -> Callable[[Desk, Case], Awaitable[None]]:
    """A story of its own, which begins from the home screen."""

    async def begin(desk: Desk, case: Case) -> None:
        if case.sale_key is not None:
            raise Remedied(remedy, case.sale_key, _ticket(desk, case))

    return begin


class _Way(Struct, frozen=True):
    leads: Callable[[Desk, Case], bool]
    """Whether it leads somewhere now."""
    go: Callable[[Desk, Case], Awaitable[None]]


_WAYS: Final[Mapping[Remedy, _Way]] = {
    Remedy.REFUND: _Way(_can_refund, _as_story(Remedy.REFUND)),
    Remedy.STOCK: _Way(_can_correct, _as_story(Remedy.STOCK)),
    Remedy.PAYOUT: _Way(can_pay_out, pay_out),
}


async def ask_remedy(desk: Desk, case: Case) -> None:
    """One alone goes on at once, unless there is something to say. Remedied where it is a story of
    its own."""
    there = [one for one in remedies(case.kind) if _WAYS[one].leads(desk, case)]
    refund = refund_of_case(desk, case)
    gone = stays_gone(case.kind, refund)
    title = say("remedy.title")
    if not there:
        said = say("remedy.accepted" if gone else "remedy.none")
        await tell_empty(desk.ui, "case.remedy", title, said)
        return
    picked = 0
    if gone or len(there) > 1:
        told = [Line(say("remedy.accepted"))] if gone else []
        about = (heading(name_of_case(case), str(case.case_id)), *told)
        page = Page("case.remedy", title, about, hint=say("ui.by_digit"))
        options = [Line(say(f"remedy.do_{one.value}")) for one in there]
        picked = await choose(desk.ui, page, options, first=None)
    await _WAYS[there[picked]].go(desk, case)
