"""Goods that an exchange credit paid for: what it spent goes back as the first sale was paid (R37).

One commit has these goods back and what is to go where; from there on it is carried out as what is
left of any ticket: the card of the first sale is presented, cash counted, a form printed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from pos_terminal.core.decision import Decision
from pos_terminal.core.eligibility import Choice, choose_kind
from pos_terminal.core.exchange_credit import spread
from pos_terminal.core.invoice import STAYS_OUT, InvoiceBack
from pos_terminal.core.money import format_amount, with_symbol
from pos_terminal.core.rules.book import approvals_needed
from pos_terminal.core.rules.facts import Together
from pos_terminal.core.sale import Sale, Tender, TenderKind
from pos_terminal.core.ticket import PlannedLeg, plan_digest
from pos_terminal.core.words import Failure, Words, say
from pos_terminal.flows.common.cannot_be import taken_as
from pos_terminal.flows.common.desk import Desk
from pos_terminal.flows.common.name_leg import leg_name
from pos_terminal.flows.common.turned_away import TurnedAway
from pos_terminal.flows.common.wanted import Wanted
from pos_terminal.flows.refund.approve_plan import Seen, ask_plan
from pos_terminal.flows.refund.ask_invoice import ask_since
from pos_terminal.flows.refund.going import Going, newest, planned_as, under_way
from pos_terminal.flows.refund.plan import decide
from pos_terminal.ports import Approval, Draft
from pos_terminal.texts.domain import of_verdict
from pos_terminal.ui.ask import confirm, heading, large
from pos_terminal.ui.page import Line, Page


class Again(Struct, frozen=True):
    """Of one payment of the first sale: what of it is open again."""

    wanted: Wanted
    decision: Decision
    against: Words | None = None
    """Why nothing goes back now: it is left to do."""


async def open_again(desk: Desk, one: Going) -> tuple[Sequence[Going], Mapping[int, Words]]:
    """What is to go on with now, and what is against the others. Cancelled, or Failure
    ``ledger.not_reopened``: nothing was opened."""
    again = await _again(desk, one)
    await _see(desk, one, again)
    approvals = await _approved(desk, one, again)
    drafts = [_draft(desk, one, leg, approvals) for leg in again]
    paper = desk.papers().exchange_back(one.application)
    reopen = desk.ledger.reopen_exchange_credit
    _, applications = await reopen(one.application.number, drafts, paper)
    desk.printing.wake()
    return under_way(desk, again, applications)


async def _again(desk: Desk, one: Going) -> list[Again]:
    """Judged as far as its own payment goes; the goods were judged where they came back."""
    reads = desk.ledger.exchange_credits
    credit = reads.by_number(one.wanted.tender.exchange_no)
    first = None if credit is None else desk.ledger.sales.by_key(credit.sale_key)
    if credit is None or first is None:
        raise Failure("ledger.not_reopened")
    legs = {leg.refund_id: leg.leg for leg in reads.legs(credit.ticket)}
    shares = {
        legs[number]: share
        for number, share in spread(one.wanted.amount, reads.spent(credit.ticket)).items()
    }
    if sum(shares.values()) != one.wanted.amount:
        raise Failure("ledger.not_reopened")
    sale = _opened(first, shares)
    made = desk.ledger.applications.of_ticket(credit.ticket)
    said = next((each.invoice for each in made if each.invoice is not None), None)
    said = await ask_since(desk, first.key, said)
    return [_one(desk, one, sale, leg, shares, invoice=said) for leg in shares]


def _opened(sale: Sale, shares: Mapping[int, int]) -> Sale:
    """As it will be."""

    def less(tender: Tender) -> Tender:
        share = shares.get(tender.leg, 0)
        changed = {"done": tender.done - share, "credited": tender.credited - share}
        return replace(tender, **changed, reopened=tender.reopened + share)

    return replace(sale, tenders=tuple(map(less, sale.tenders)))


def _one(
    desk: Desk,
    one: Going,
    sale: Sale,
    leg: int,
    shares: Mapping[int, int],
    *,
    invoice: InvoiceBack | None,
) -> Again:
    tender, amount = sale.tender(leg), shares[leg]
    in_cash = sum(n for other, n in shares.items() if sale.tender(other).kind is TenderKind.CASH)
    beside = in_cash - amount if tender.kind is TenderKind.CASH else 0
    choice, against = _choice(desk, sale, tender, amount, beside=beside)
    wanted = Wanted(
        *(sale, tender, amount, choice, one.wanted.reason, one.wanted.note),
        invoice=invoice,
        together=Together(
            legs=len(shares) - 1,
            amount=one.wanted.amount - amount,
            cash=beside,
            voucher=-_of_voucher(sale, leg, shares),
            reopened=True,
        ),
    )
    decision = decide(desk, wanted)
    if against is None and decision.refuses and decision.strictest is not None:
        against = of_verdict(decision.strictest)
    return Again(wanted, decision, against)


def _of_voucher(sale: Sale, leg: int, shares: Mapping[int, int]) -> int:
    """Of what the same voucher paid, what this leg and those after it open again: the ledger has it
    among what went back until the commit."""
    number, order = sale.tender(leg).voucher_no, list(shares)
    after = order[order.index(leg) :]
    return sum(shares[one] for one in after if sale.tender(one).voucher_no == number != "")


def _choice(
    desk: Desk, sale: Sale, tender: Tender, amount: int, *, beside: int
) -> tuple[Choice, Words | None]:
    """How it goes back, and what the acquirer has against it."""
    try:
        return taken_as(desk, desk.here, sale, tender, amount, beside=beside), None
    except TurnedAway as away:
        return choose_kind(sale, tender, amount, desk.here, beside=beside), away.words


async def _see(desk: Desk, one: Going, again: Sequence[Again]) -> None:
    """The clerk sees where it goes. Cancelled: nothing is opened."""
    currency = one.wanted.sale.currency
    lines = (
        large(say("flows.amount"), with_symbol(one.application.amount, currency)),
        heading(say("exchange.back_to")),
        *(
            Line(leg_name(leg.wanted.sale, leg.wanted.tender), format_amount(n, currency))
            for leg in again
            if (n := leg.wanted.amount)
        ),
    )
    hint = say("exchange.back_hint")
    await confirm(desk.ui, Page("exchange.back", say("flows.kind_exchange_back"), lines, hint=hint))


async def _approved(desk: Desk, one: Going, again: Sequence[Again]) -> Sequence[Approval]:
    """Who agreed to the return of these goods has agreed to it; what asks more than that, all, and
    so does an invoice of the first sale that stays out: they were not told of it."""
    digest = _digest(desk, one, again)
    given = desk.ledger.applications.approvals(one.application.number)
    stand = {each.supervisor: replace(each, plan=digest) for each in given}
    free = [leg for leg in again if leg.against is None]
    needed = approvals_needed([leg.decision for leg in free], desk.shop.supervisor)
    out = any(leg.wanted.invoice == STAYS_OUT for leg in free)
    if not free or (needed <= len(stand) and not out):
        return list(stand.values())
    ticket = one.application.ticket
    seen = [_seen(leg.wanted, ticket) for leg in free]
    verdicts = [leg.decision.strictest for leg in free]
    return await ask_plan(desk, seen, verdicts, needed, digest)


def _seen(wanted: Wanted, ticket: int) -> Seen:
    goes, invoice = wanted.choice.kind, wanted.invoice
    return Seen(wanted.sale, wanted.tender, wanted.amount, goes, None, ticket, invoice=invoice)


def _digest(desk: Desk, one: Going, again: Sequence[Again]) -> str:
    """Of the ticket's plan as it will stand, which is what going on with it asks for."""
    legs = [planned_as(desk, each) for each in newest(desk, one.application.ticket)]
    for leg in again:
        wanted = leg.wanted
        planned = (wanted.sale.key, wanted.tender.leg, wanted.choice.kind, wanted.amount)
        legs.append(PlannedLeg(*planned))
    return plan_digest(legs)


def _draft(desk: Desk, one: Going, leg: Again, approvals: Sequence[Approval]) -> Draft:
    old, wanted = one.application, leg.wanted
    return Draft(
        sale_key=wanted.sale.key,
        leg=wanted.tender.leg,
        ticket=old.ticket,
        kind=wanted.choice.kind,
        amount=wanted.amount,
        reason=old.reason,
        note=old.note,
        operator=desk.clerk.number,
        invoice=wanted.invoice,
        decisions=() if leg.decision.refuses else (leg.decision,),
        approvals=approvals if leg.against is None else (),
        kept=True,
    )
