"""What can be done about a case, one key from it (R46, R47a)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from msgspec import Struct

from pos_terminal.core.case import CaseKind
from pos_terminal.core.case_paper import PaperKind
from pos_terminal.core.remedy import Remedy, remedies, stays_gone
from pos_terminal.core.words import Words, say
from pos_terminal.flows.case.ask_acquirer import ask_acquirer, can_ask
from pos_terminal.flows.case.case_facts import name_of_case, refund_of_case
from pos_terminal.flows.case.certificate import can_certify, certify
from pos_terminal.flows.case.claim import can_claim, claim
from pos_terminal.flows.case.pay_out import can_pay_out, pay_out
from pos_terminal.flows.case.recover import can_recover, recover
from pos_terminal.flows.common.desk import Desk
from pos_terminal.flows.common.remedied import Remedied
from pos_terminal.flows.common.taken_for_void import taken_for_void
from pos_terminal.ports import Case
from pos_terminal.ui.ask import choose, heading, tell_empty
from pos_terminal.ui.page import Line, Page


class _Way(Struct, frozen=True):
    leads: Callable[[Desk, Case], bool]
    """Whether it leads somewhere now."""
    begin: Callable[[Desk, Case], Awaitable[None]] | None = None
    """None: it is a story of its own, for which the case is left."""


def _can_refund(desk: Desk, case: Case) -> bool:
    sale = desk.ledger.sales.by_key(case.sale_key)
    return sale is not None and sale.offered > 0


def _can_correct(desk: Desk, case: Case) -> bool:
    ticket = _ticket(desk, case)
    return bool(ticket and (desk.ledger.stock.where(ticket) or desk.ledger.stock.absent(ticket)))


def _can_exchange(desk: Desk, case: Case) -> bool:
    """Some of its goods are with the customer; that flow itself looks at all else."""
    sale = desk.ledger.sales.by_key(case.sale_key)
    return sale is not None and any(line.remaining > 0 for line in sale.goods)


def _can_give_credit_back(desk: Desk, case: Case) -> bool:
    return taken_for_void(desk, case) is not None


def _ticket(desk: Desk, case: Case) -> int:
    """Of the refund that it is about; 0 where it is about none."""
    refund = refund_of_case(desk, case)
    found = None if refund is None else desk.ledger.applications.by_number(refund.application)
    return 0 if found is None else found.ticket


def _asks(kind: PaperKind) -> _Way:
    async def begin(desk: Desk, case: Case) -> None:
        await ask_acquirer(desk, case, kind)

    return _Way(lambda desk, case: can_ask(desk, case, kind), begin)


_WAYS: Final[Mapping[Remedy, _Way]] = {
    Remedy.REFUND: _Way(_can_refund),
    Remedy.RECOVERY: _Way(can_recover, recover),
    Remedy.CORRECTION: _asks(PaperKind.CORRECTION),
    Remedy.STOCK: _Way(_can_correct),
    Remedy.EXCHANGE: _Way(_can_exchange),
    Remedy.ENQUIRY: _asks(PaperKind.ENQUIRY),
    Remedy.CERTIFICATE: _Way(can_certify, certify),
    Remedy.CLAIM: _Way(can_claim, claim),
    Remedy.CREDIT: _Way(_can_give_credit_back),
    Remedy.PAYOUT: _Way(can_pay_out, pay_out),
}


def _named(remedy: Remedy, case: Case) -> Words:
    """What came back is given again, whatever else is missing is given, too."""
    if (remedy, case.kind) == (Remedy.REFUND, CaseKind.RETURNED):
        return say("returned.do_refund")
    return say(f"remedy.do_{remedy.value}")


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
        options = [Line(_named(one, case)) for one in there]
        picked = await choose(desk.ui, page, options, first=None)
    remedy = there[picked]
    begin = _WAYS[remedy].begin
    if begin is not None:
        await begin(desk, case)
    elif case.sale_key is not None:
        raise Remedied(remedy, case.case_id, case.sale_key, _ticket(desk, case))
