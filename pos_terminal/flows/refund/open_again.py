"""Goods that an exchange credit paid for: what it spent goes back as the first sale was paid (R37).

One commit has these goods back and what is to go where; from there on it is carried out as what is
left of any ticket: the card of the first sale is presented, cash counted, a form printed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from pos_terminal.core.invoice import STAYS_OUT, InvoiceBack
from pos_terminal.core.money import with_symbol
from pos_terminal.core.rules.book import approvals_needed
from pos_terminal.core.rules.exchange_told import told_of
from pos_terminal.core.words import Failure, Words, say
from pos_terminal.flows.common.desk import Desk
from pos_terminal.flows.common.wanted import Wanted
from pos_terminal.flows.refund.approve_plan import ask_plan
from pos_terminal.flows.refund.ask_invoice import ask_since
from pos_terminal.flows.refund.going import Going
from pos_terminal.flows.refund.opened import digest_with, draft_behind, seen_of, under_way
from pos_terminal.flows.refund.what_opens import Again, lines_of, what_opens
from pos_terminal.ports import Approval
from pos_terminal.ui.ask import confirm, heading, large
from pos_terminal.ui.page import Page


async def open_again(desk: Desk, one: Going) -> tuple[Sequence[Going], Mapping[int, Words]]:
    """What is to go on with now, and what is against the others. Cancelled, or Failure
    ``ledger.not_reopened``: nothing was opened."""
    again = what_opens(desk, one.wanted, invoice=await invoice_of_first(desk, one.wanted))
    await see_where(desk, one.wanted, again, say("exchange.back_hint"))
    approvals = await _approved(desk, one, again)
    drafts = [draft_behind(desk, one.application, leg, approvals) for leg in again]
    paper = desk.papers().exchange_back(one.application)
    reopen = desk.ledger.reopen_exchange_credit
    _, applications = await reopen(one.application.number, drafts, paper)
    desk.printing.wake()
    return under_way(desk, again, applications)


async def invoice_of_first(desk: Desk, goods: Wanted) -> InvoiceBack | None:
    """What became of the first sale's: it was asked when the credit was made, but where the till
    has told of it only since."""
    credit = desk.ledger.exchange_credits.by_number(goods.tender.exchange_no)
    if credit is None:
        raise Failure("ledger.not_reopened")
    made = desk.ledger.applications.of_ticket(credit.ticket)
    said = next((each.invoice for each in made if each.invoice is not None), None)
    return await ask_since(desk, credit.sale_key, said)


async def see_where(desk: Desk, back: Wanted, again: Sequence[Again], hint: Words) -> None:
    """The clerk sees where it goes. Cancelled: nothing is opened."""
    lines = (
        large(say("flows.amount"), with_symbol(back.amount, back.sale.currency)),
        heading(say("exchange.back_to")),
        *lines_of(again),
    )
    await confirm(desk.ui, Page("exchange.back", say("flows.kind_exchange_back"), lines, hint=hint))


async def _approved(desk: Desk, one: Going, again: Sequence[Again]) -> Sequence[Approval]:
    """Who agreed to the return of these goods has agreed to it; what asks more than that, all, and
    so does what they were not told of: an invoice of the first sale that stays out, and what tills
    say of the credit that they did not take."""
    digest = digest_with(desk, one.application.ticket, again)
    given = desk.ledger.applications.approvals(one.application.number)
    stand = {each.supervisor: replace(each, plan=digest) for each in given}
    free = [leg for leg in again if leg.against is None]
    needed = approvals_needed([leg.decision for leg in free], desk.shop.supervisor)
    out = any(leg.wanted.invoice == STAYS_OUT for leg in free)
    told = any(told_of(leg.decision.verdicts) for leg in free)
    if not free or (needed <= len(stand) and not out and not told):
        return list(stand.values())
    ticket = one.application.ticket
    seen = [seen_of(leg.wanted, ticket) for leg in free]
    verdicts = [said for leg in free for said in leg.decision.read]
    return await ask_plan(desk, seen, verdicts, needed, digest)
