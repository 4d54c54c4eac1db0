"""A leg of a ticket that can't go where it was to goes back by the form (R34, R38)."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from pos_terminal.core.application import ApplicationState
from pos_terminal.core.decision import was_by_gift
from pos_terminal.core.invoice import InvoiceBack
from pos_terminal.core.rules.book import approvals_needed
from pos_terminal.core.rules.facts import Together
from pos_terminal.core.rules.state import refusal
from pos_terminal.core.sale import Sale
from pos_terminal.core.ticket import plan_digest
from pos_terminal.core.words import Failure
from pos_terminal.flows.common.another_way import choice_of
from pos_terminal.flows.common.desk import Desk
from pos_terminal.flows.common.of_gift import to_holder
from pos_terminal.flows.common.turned_away import by_state
from pos_terminal.flows.common.wanted import Wanted
from pos_terminal.flows.refund.approve_plan import Seen, ask_plan
from pos_terminal.flows.refund.ask_invoice import ask_since
from pos_terminal.flows.refund.choose_way import its_form
from pos_terminal.flows.refund.going import (
    Going,
    about_of,
    came_back,
    gone_before,
    goods_of,
    is_open_again,
    left_of_ticket,
    newest,
    planned_as,
)
from pos_terminal.flows.refund.plan import decide, planned
from pos_terminal.ports import Application, Draft
from pos_terminal.texts.domain import of_holder, of_verdict


async def leg_to_form(
    desk: Desk, number: int, rest: Sequence[Going], invoice: InvoiceBack | None = None
) -> Going:
    """The leg of this application, by its form from here on. The plan is another one by it, and is
    approved anew: what is left of it at once, so that nobody is asked again for the ``rest``.
    ``invoice``: what was said of its sale's since it was opened.

    Cancelled, or Failure where no form is open for it: it stays as it was, to do.
    """
    before = desk.ledger.applications.by_number(number)
    sale = None if before is None else desk.ledger.sales.by_key(before.sale_key)
    if before is None or sale is None or before.state is not ApplicationState.OPEN:
        raise Failure("tenders.none")
    if refusal(sale) is not None:
        raise by_state(sale)
    leg = sale.tender(before.leg)
    another = await its_form(desk, sale, leg) if leg.most >= before.amount else None
    if another is None:
        raise Failure("tenders.none")
    holder = to_holder(desk, before)
    invoice = await ask_since(desk, sale.key, invoice or before.invoice, holder=holder)
    choice, reason = choice_of(desk, sale, another.way, before.amount), before.reason
    wanted = Wanted(
        *(sale, leg, before.amount, choice, desk.shop.reason(reason), before.note),
        *(before.items, before.owed),
        by_gift=was_by_gift(desk.ledger.applications.decisions(number)),
        goods=goods_of(desk, before),
        together=_together(desk, before, sale),
        another=another,
        about=about_of(desk, before),
        answered=before.goods_back,
        invoice=invoice,
    )
    decision = decide(desk, wanted)
    if decision.refuses and decision.strictest is not None:
        raise Failure.of(of_verdict(decision.strictest))
    return await _approved(desk, before, wanted, Going(before, wanted, decision), rest)


def _together(desk: Desk, before: Application, sale: Sale) -> Together:
    """The rest of its ticket: what is left, and what went back before."""
    left = [one for one in left_of_ticket(desk, before.ticket) if one.number != before.number]
    done = gone_before(desk, before.ticket)
    return Together(
        legs=len(left),
        amount=sum(one.amount for one in left),
        of_sale=sum(one.amount for one in left if one.sale_key == before.sale_key),
        done=done,
        reopened=is_open_again(desk, before),
        came_back=came_back(desk, before.ticket, sale.key),
    )


async def _approved(
    desk: Desk, before: Application, wanted: Wanted, form: Going, rest: Sequence[Going]
) -> Going:
    ticket = before.ticket
    others = [one for one in left_of_ticket(desk, ticket) if one.number != before.number]
    digest = plan_digest(
        planned(wanted) if one.place == before.place else planned_as(desk, one)
        for one in newest(desk, ticket)
    )
    decisions = [form.decision, *(one.decision for one in rest)]
    needed = approvals_needed(decisions, desk.shop.supervisor)
    goes = wanted.choice.kind
    leg = Seen(wanted.sale, wanted.tender, wanted.amount, goes, wanted.basis, ticket)
    leg = replace(leg, items=before.items, goods_back=before.goods_back)
    legs = [replace(leg, invoice=wanted.invoice)]
    legs += [seen for one in others if (seen := _seen(desk, one)) is not None]
    verdicts = [said for one in decisions for said in one.read]
    operators = {one.operator for one in others}
    approvals = await ask_plan(desk, legs, verdicts, needed, digest, operators=operators)
    draft = Draft(
        sale_key=before.sale_key,
        leg=before.leg,
        place=before.place,
        ticket=ticket,
        kind=wanted.choice.kind,
        amount=before.amount,
        reason=before.reason,
        note=before.note,
        operator=desk.clerk.number,
        goods_back=before.goods_back,
        items=before.items,
        owed=before.owed,
        decisions=[form.decision],
        kept=True,
        instead_of=before.number,
        basis=wanted.basis,
        invoice=wanted.invoice,
    )
    (application,) = await desk.ledger.applications.open_ticket([draft])
    numbers = [application.number, *(one.number for one in others)]
    await desk.ledger.applications.approve_ticket(numbers, approvals)
    return Going(application, wanted, form.decision)


def _seen(desk: Desk, one: Application) -> Seen | None:
    sale = desk.ledger.sales.by_key(one.sale_key)
    if sale is None:
        return None
    basis = desk.ledger.exceptions.of_application(one.number)
    gift = of_holder(one.kind) if to_holder(desk, one) else None
    leg = sale.tender(one.leg)
    return Seen(
        *(sale, leg, one.amount, one.kind, basis, one.ticket, gift),
        items=one.items,
        goods_back=one.goods_back,
        invoice=one.invoice,
    )
