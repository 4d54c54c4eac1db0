"""What a till took of an exchange credit for a sale that it voided since goes back where it came
from: the remedy of that case (R37, R46).

Nobody has the goods or the money then, so two people look whatever the rules say: the till may have
given it back already.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from pos_terminal.core.eligibility import Because, Choice
from pos_terminal.core.money import with_symbol
from pos_terminal.core.refund import Kind
from pos_terminal.core.rules.book import approvals_needed
from pos_terminal.core.words import Failure, Words, say
from pos_terminal.flows.common.desk import Desk
from pos_terminal.flows.common.get_ready import get_ready
from pos_terminal.flows.common.taken_for_void import taken_for_void
from pos_terminal.flows.common.wanted import Wanted
from pos_terminal.flows.refund.approve_plan import ask_plan
from pos_terminal.flows.refund.carry_out import carry_out_what_opened
from pos_terminal.flows.refund.give_back import until_its_end
from pos_terminal.flows.refund.going import Going
from pos_terminal.flows.refund.open_again import invoice_of_first, see_where
from pos_terminal.flows.refund.opened import digest_with, draft_behind, seen_of, under_way
from pos_terminal.flows.refund.what_opens import Again, what_opens
from pos_terminal.ports import Application, Approval, Case, Draft
from pos_terminal.ui.ask import heading
from pos_terminal.ui.page import Line

_PEOPLE: Final = 2


async def credit_of_void(desk: Desk, case_id: int) -> None:
    """Seen, approved by two, one commit; then carried out as what is left of any ticket.

    Failure ``ledger.not_reopened`` where nothing of it is missing any more.
    """
    with desk.authoriser.sale():
        await get_ready(desk)
        case = desk.ledger.cases.by_id(case_id)
        wanted = None if case is None else _wanted(desk, case)
        if case is None or wanted is None:
            raise Failure("ledger.not_reopened")
        again = what_opens(desk, wanted, invoice=await invoice_of_first(desk, wanted))
        (asked,) = await desk.ledger.applications.open_ticket([_draft(desk, wanted)])
        async with until_its_end(desk, asked):
            opened = await _open(desk, case, asked, wanted, again)
        await carry_out_what_opened(desk, asked.ticket, opened)


def _wanted(desk: Desk, case: Case) -> Wanted | None:
    """Why it comes back is what was said when the credit was made."""
    taken = taken_for_void(desk, case)
    if taken is None:
        return None
    made = desk.ledger.applications.of_ticket(taken.ticket)[0]
    choice = Choice(Kind.EXCHANGE_BACK, Because.EXCHANGE_BACK)
    reason = desk.shop.reason(made.reason)
    return Wanted(taken.sale, taken.tender, taken.amount, choice, reason, made.note)


def _draft(desk: Desk, wanted: Wanted) -> Draft:
    """With no goods: the till has them."""
    return Draft(
        sale_key=wanted.sale.key,
        leg=wanted.tender.leg,
        kind=wanted.choice.kind,
        amount=wanted.amount,
        reason=wanted.reason.code,
        note=wanted.note,
        operator=desk.clerk.number,
    )


async def _open(
    desk: Desk, case: Case, asked: Application, wanted: Wanted, again: Sequence[Again]
) -> tuple[Sequence[Going], Mapping[int, Words]]:
    """Nothing has moved before its end."""
    await see_where(desk, wanted, again, say("remedy.credit_hint"))
    approvals = await _approved(desk, asked, wanted, again)
    await desk.ledger.applications.approve(asked.number, approvals)
    drafts = [draft_behind(desk, asked, leg, approvals) for leg in again]
    paper = desk.papers().exchange_back(asked)
    reopen = desk.ledger.reopen_voided
    _, applications = await reopen(case.case_id, asked.number, drafts, paper)
    desk.printing.wake()
    return under_way(desk, again, applications)


async def _approved(
    desk: Desk, asked: Application, wanted: Wanted, again: Sequence[Again]
) -> Sequence[Approval]:
    """By two at the least, none of whom made the credit."""
    credit = desk.ledger.exchange_credits.by_number(wanted.tender.exchange_no)
    made = () if credit is None else desk.ledger.exchange_credits.legs(credit.ticket)
    free = [leg for leg in again if leg.against is None]
    needed = max(_PEOPLE, approvals_needed([leg.decision for leg in free], desk.shop.supervisor))
    sale = wanted.sale
    about = (
        heading(say("remedy.of_void")),
        Line(sale.number, with_symbol(sale.amount, sale.currency)),
    )
    return await ask_plan(
        desk,
        [seen_of(leg.wanted, asked.ticket) for leg in again],
        [said for leg in free for said in leg.decision.read],
        needed,
        digest_with(desk, asked.ticket, again),
        operators=[one.operator for one in made],
        about=about,
    )
