"""Tickets of which something is to do: the plan as it stands, and on from there (R35)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from pos_terminal.core.application import ApplicationState, Withdrawn
from pos_terminal.core.decision import is_to_holder, was_by_gift, was_moved
from pos_terminal.core.eligibility import TO_HOLDER
from pos_terminal.core.invoice import InvoiceBack
from pos_terminal.core.money import with_symbol
from pos_terminal.core.refund import Kind
from pos_terminal.core.rules import exchange_told, serial, typed
from pos_terminal.core.rules.book import approvals_needed
from pos_terminal.core.rules.facts import Together
from pos_terminal.core.rules.state import refusal
from pos_terminal.core.sale import Sale, TenderKind
from pos_terminal.core.tenders import Another, acquirers_form
from pos_terminal.core.ticket import plan_digest
from pos_terminal.core.words import Failure, Words, say
from pos_terminal.flows.common.another_way import (
    choice_of,
    read_or_form,
    sends_to_form,
    ways_of,
)
from pos_terminal.flows.common.cannot_be import taken_as
from pos_terminal.flows.common.credit_wanted import CreditWanted
from pos_terminal.flows.common.desk import Desk
from pos_terminal.flows.common.get_ready import get_ready
from pos_terminal.flows.common.of_gift import leg_of, named_once, to_holder, told
from pos_terminal.flows.common.steps import BackHere
from pos_terminal.flows.common.to_do import expired_credit, tickets_to_do
from pos_terminal.flows.common.wanted import Wanted
from pos_terminal.flows.refund.approve_plan import ask_of_plan
from pos_terminal.flows.refund.ask_invoice import ask_since
from pos_terminal.flows.refund.carry_out import carry_out
from pos_terminal.flows.refund.going import (
    Going,
    about_of,
    came_back,
    given_back,
    gone_before,
    goods_of,
    is_open_again,
    left_of_ticket,
    newest,
    planned_as,
)
from pos_terminal.flows.refund.leg_to_form import leg_to_form
from pos_terminal.flows.refund.one_payment import one_payment
from pos_terminal.flows.refund.plan import decide
from pos_terminal.ports import Application, Approval, Draft, InputEvent, Key, KeyPressed
from pos_terminal.texts.domain import of_verdict
from pos_terminal.ui.ask import choose, confirm, heading, tell_empty
from pos_terminal.ui.page import Line, Page
from pos_terminal.ui.prompt import Cancelled

_STANDS = {
    ApplicationState.DONE: "flows.leg_done",
    ApplicationState.SEALED: "flows.leg_under_way",
    ApplicationState.CANCELLED: "flows.leg_withdrawn",
}


_CREDIT = {
    ApplicationState.DONE: "exchange.credit_taken",
    ApplicationState.SEALED: "exchange.credit_open",
}
"""Of an exchange credit: what the till took of it, or still can."""
Invoices = Mapping[int, InvoiceBack | None]
"""What became of the invoice of its sale, by the number of an application."""


async def see_to_do(desk: Desk) -> None:
    """Choose a ticket and go on with it, or withdraw what is left of it."""
    tickets = tickets_to_do(desk)
    if not tickets:
        nothing = say("flows.nothing_to_do")
        await tell_empty(desk.ui, "ticket.none", say("flows.menu_to_do"), nothing)
        return
    options = [_option(desk, ticket) for ticket in tickets]
    page = Page("ticket.todo", say("flows.menu_to_do"), hint=say("ui.by_digit"))
    ticket = tickets[await choose(desk.ui, page, options, first=None)]
    await go_on(desk, ticket)


async def go_on(desk: Desk, ticket: int) -> None:
    """Its plan as it stands; from there on, or what is left withdrawn. CreditWanted where that is
    an exchange credit whose time is over."""
    if (credit := expired_credit(desk, ticket)) is not None:
        raise CreditWanted(credit)
    with desk.authoriser.sale():
        await _go_on(desk, ticket)


def _option(desk: Desk, ticket: int) -> Line:
    left = sum(one.amount for one in left_of_ticket(desk, ticket))
    credit = expired_credit(desk, ticket)
    left += 0 if credit is None else credit.left
    return Line(f"#{ticket}", with_symbol(left, desk.shop.currency))


async def _go_on(desk: Desk, ticket: int) -> None:
    lines: list[Line] = []
    for one in newest(desk, ticket):
        lines += _stands(desk, one, lines)
    hint = say("flows.to_do_hint")
    page = Page("ticket.left", say("flows.left_to_do"), tuple(lines), hint=hint)
    while await desk.ui.prompt(page, _go_on_or_withdraw, fresh=True) is Key.MENU:
        with BackHere():
            await _withdraw(desk, ticket)
            return
    await get_ready(desk)
    await _which_are_one(desk, ticket)
    invoices = await _invoices_since(desk, ticket)
    going, against = await _as_it_is_now(desk, ticket, invoices)
    digest = plan_digest(planned_as(desk, one) for one in newest(desk, ticket))
    needed = approvals_needed([one.decision for one in going], desk.shop.supervisor)
    said: Sequence[Approval] = ()
    before = _given_to_all(desk, going, digest)
    given = [one for one in before if one.supervisor != desk.clerk.number]
    if needed > len(given):
        # who goes on with it needs another one in their place; what asks more than before, all
        stand = given if len(before) >= needed else ()
        said = await ask_of_plan(desk, going, needed, digest, stand)
    going = await _taken_over(desk, going, said, digest)
    await desk.ledger.journal.note(
        "ticket_goes_on", {"ticket": ticket, "operator": desk.clerk.number}
    )
    await carry_out(desk, going, against)


def _go_on_or_withdraw(event: InputEvent) -> Key | None:
    match event:
        case KeyPressed(Key.ENTER | Key.MENU as key):
            return key
        case _:
            return None


def _stands(desk: Desk, one: Application, before: Sequence[Line]) -> list[Line]:
    sale = desk.ledger.sales.by_key(one.sale_key)
    if sale is None:
        return []
    if one.kind is Kind.EXCHANGE_CREDIT and not given_back(desk, one):  # the till took none of it
        return []
    told = _STANDS.get(one.state)
    if (one.state, one.kind) == (ApplicationState.SEALED, Kind.MANUAL):
        told = "flows.leg_form"
    if one.kind is Kind.EXCHANGE_CREDIT:
        told = _CREDIT.get(one.state, told)
    if one.number in {lies.application for lies in desk.ledger.refunds.to_hand_over()}:
        told = "flows.leg_lies"
    named = named_once(desk, one, sale, before)
    if told is None:
        return [*named, leg_of(desk, one, sale)]
    one = replace(one, amount=given_back(desk, one))
    return [*named, leg_of(desk, one, sale, plain=True), Line(say(told))]


async def _withdraw(desk: Desk, ticket: int) -> None:
    """The customer wants it no more, or another way: a new ticket may ask for it again."""
    left = left_of_ticket(desk, ticket)
    total = with_symbol(sum(one.amount for one in left), desk.shop.currency)
    page = Page(
        "ticket.withdraw",
        say("flows.withdraw"),
        (
            heading(say("flows.amount"), total),
            Line(say("flows.withdraw_sure")),
            *_where(desk, left),
        ),
        hint=say("flows.withdraw_hint"),
    )
    await confirm(desk.ui, page)
    for one in left:
        await desk.ledger.applications.cancel(one.number, Withdrawn.CLERK)


def _where(desk: Desk, left: Sequence[Application]) -> Sequence[Line]:
    """The sales that it stays in, where that is another than the one whose goods came back."""
    keys = dict.fromkeys(one.sale_key for one in left if is_open_again(desk, one))
    sales = (desk.ledger.sales.by_key(key) for key in keys)
    return [Line(say("exchange.goods_stay"), one.receipt_no) for one in sales if one is not None]


async def _as_it_is_now(
    desk: Desk, ticket: int, invoices: Invoices
) -> tuple[Sequence[Going], Mapping[int, Words]]:
    """What is left, judged by the rules and the sales of today, and what is against the rest of it.
    What goes back in another way now, as a refund in place of a void, takes its place in the plan.
    Failure where nothing can go on."""
    left = left_of_ticket(desk, ticket)
    against: dict[int, Words] = {}
    wanted: dict[int, Wanted] = {}
    for one in left:
        try:
            wanted[one.number] = _wanted(desk, one, invoices)
        except Failure as failure:
            against[one.number] = failure.words
    together = _together(desk, ticket, wanted)
    going = []
    for one in left:
        if one.number not in wanted:
            continue
        each = replace(wanted[one.number], together=together[one.number])
        stored = desk.ledger.applications.decisions(one.number)
        decision = decide(desk, each, moved=was_moved(stored))
        if decision.refuses and decision.strictest is not None:
            words = of_verdict(decision.strictest)
            against[one.number] = told(words, holder=each.to_holder)
        else:
            going.append(Going(one, each, decision))
    if not going:
        return [await _its_form(desk, against, invoices)], {}
    return [await _renewed(desk, one) for one in going], against


async def _which_are_one(desk: Desk, ticket: int) -> None:
    """What may be the same payment as one of those left is asked about first (R7)."""
    stored = desk.ledger.applications.decisions
    gifts: dict[int | None, bool] = {}
    for one in left_of_ticket(desk, ticket):
        gifts[one.sale_key] = gifts.get(one.sale_key, False) or was_by_gift(stored(one.number))
    for key, by_gift in gifts.items():
        sale = desk.ledger.sales.by_key(key)
        while sale is not None and refusal(sale) is None:
            sale = await one_payment(desk, sale, by_gift=by_gift)


async def _invoices_since(desk: Desk, ticket: int) -> Invoices:
    """What became of the invoice of each sale that something is left of; asked where a till has
    told of it since nobody was."""
    said: dict[int | None, InvoiceBack | None] = {}
    invoices = {}
    for one in left_of_ticket(desk, ticket):
        sale = desk.ledger.sales.by_key(one.sale_key)
        if sale is not None and refusal(sale) is None and not to_holder(desk, one):
            before = said.get(sale.key) or one.invoice
            invoices[one.number] = said[sale.key] = await ask_since(desk, sale.key, before)
    return invoices


async def _its_form(desk: Desk, against: Mapping[int, Words], invoices: Invoices) -> Going:
    """What is against all of it; where that names the form a key leads there. Failure or Cancelled
    where it was not pressed."""
    number, words = next(
        ((number, one) for number, one in against.items() if sends_to_form(one)),
        next(iter(against.items())),
    )
    if not sends_to_form(words):
        raise Failure.of(words)
    if not await read_or_form(desk, "ticket.failed", say("flows.not_possible"), (words,)):
        raise Cancelled
    return await leg_to_form(desk, number, [], invoices.get(number))


def _wanted(desk: Desk, one: Application, invoices: Invoices) -> Wanted:
    """Failure where its sale stands in the way."""
    sale = desk.ledger.sales.by_key(one.sale_key)
    if sale is None:
        raise Failure("ledger.balance")
    against = refusal(sale)
    if against is not None:
        raise Failure(f"rules.{against.value}")
    tender = sale.tender(one.leg)
    stored = desk.ledger.applications.decisions(one.number)
    by_gift = was_by_gift(stored)
    another = _another(desk, one, sale, by_gift=by_gift)
    choice = TO_HOLDER
    if another is not None:
        beside = _cash_beside(desk, one, sale)
        choice = choice_of(desk, sale, another.way, one.amount, beside=beside)
    elif not is_to_holder(stored):
        beside = _cash_beside(desk, one, sale)
        choice = taken_as(desk, desk.here, sale, tender, one.amount, beside=beside)
    reason, goods = desk.shop.reason(one.reason), goods_of(desk, one)
    return Wanted(
        *(sale, tender, one.amount, choice, reason, one.note, one.items, one.owed),
        by_gift=by_gift,
        goods=goods,
        another=another,
        about=about_of(desk, one),
        answered=one.goods_back,
        invoice=invoices.get(one.number),
    )


def _another(desk: Desk, one: Application, sale: Sale, *, by_gift: bool) -> Another | None:
    """The way that was chosen for it. Failure where the shop does not allow that any more."""
    basis = desk.ledger.exceptions.of_application(one.number)
    if basis is None:
        return None
    for way in ways_of(desk, sale, sale.tender(one.leg), by_gift=by_gift):
        as_credit = (way.back, one.kind) == (Kind.CASH, Kind.CREDIT)  # above the shop's limit
        if way.exception is basis.exception and (way.back is one.kind or as_credit):
            return Another(way, basis)
    form = acquirers_form(sale.tender(one.leg).kind)
    if (form.back, form.exception) == (one.kind, basis.exception):  # a text had sent there
        return Another(form, basis)
    raise Failure("tenders.none")


def _cash_beside(desk: Desk, one: Application, sale: Sale) -> int:
    """What else of the ticket is left to go out in cash: a limit is held against the sum."""
    if not _in_cash(desk, one):
        return 0
    others = (other for other in left_of_ticket(desk, one.ticket) if other.number != one.number)
    return sum(other.amount for other in others if _in_cash(desk, other))


def _in_cash(desk: Desk, one: Application) -> bool:
    """Also where a limit made store credit of it."""
    if one.kind is not Kind.CREDIT:
        return one.kind is Kind.CASH
    basis = desk.ledger.exceptions.of_application(one.number)
    sale = desk.ledger.sales.by_key(one.sale_key)
    paid = None if sale is None else sale.tender(one.leg).kind
    if basis is None:
        return paid is TenderKind.CASH
    to_cash = (one for one in desk.shop.tenders if one.back is Kind.CASH and one.paid is paid)
    return any(way.exception is basis.exception for way in to_cash)


def _together(desk: Desk, ticket: int, wanted: dict[int, Wanted]) -> dict[int, Together]:
    done = gone_before(desk, ticket)
    applications = {one.number: one for one in newest(desk, ticket)}
    amount = sum(one.amount for one in wanted.values())
    in_cash = {
        n: one.amount
        for n, one in wanted.items()
        if one.choice.kind is Kind.CASH or one.tender.kind is TenderKind.CASH
    }
    return {
        number: Together(
            legs=len(wanted) - 1,
            amount=amount - one.amount,
            of_sale=sum(each.amount for each in wanted.values() if each.sale.key == one.sale.key)
            - one.amount,
            cash=sum(in_cash.values()) - one.amount if number in in_cash else 0,
            done=done,
            reopened=is_open_again(desk, applications[number]),
            came_back=came_back(desk, ticket, one.sale.key),
        )
        for number, one in wanted.items()
    }


async def _renewed(desk: Desk, one: Going) -> Going:
    """The same, or a new application in its place where it goes back in another way now, or what
    it was decided on is not all that counts (R7, R37, R69)."""
    old, wanted = one.application, one.wanted
    same = (old.kind, old.invoice) == (wanted.choice.kind, wanted.invoice)
    if same and not _others_since(desk, one):
        return one
    (application,) = await desk.ledger.applications.open_ticket([_anew(desk, one)])
    return Going(application, wanted, one.decision)


async def _taken_over(
    desk: Desk, going: Sequence[Going], said: Sequence[Approval], digest: str
) -> Sequence[Going]:
    """Who goes on with it is its operator from here on, by new applications in the place of those
    that another one made. What was ``said`` now stands with them, or else what was before."""
    me, applications = desk.clerk.number, desk.ledger.applications
    mine = [one.application.number for one in going if one.application.operator == me]
    if said and mine:
        await applications.approve_ticket(mine, said)
    drafts = [
        _anew(desk, one, said or _given(desk, one.application, digest))
        for one in going
        if one.application.number not in mine
    ]
    opened = {one.place: one for one in await applications.open_ticket(drafts)} if drafts else {}
    return [replace(one, application=opened.get(one.application.place, one.application))
            for one in going]  # fmt: skip


def _anew(desk: Desk, one: Going, approvals: Sequence[Approval] = ()) -> Draft:
    old, wanted = one.application, one.wanted
    return Draft(
        sale_key=old.sale_key,
        leg=old.leg,
        place=old.place,
        ticket=old.ticket,
        kind=wanted.choice.kind,
        amount=old.amount,
        reason=old.reason,
        note=old.note,
        operator=desk.clerk.number,
        goods_back=old.goods_back,
        items=old.items,
        owed=old.owed,
        decisions=[one.decision],
        kept=True,
        instead_of=old.number,
        basis=wanted.basis,
        approvals=approvals,
        invoice=wanted.invoice,
    )


def _others_since(desk: Desk, one: Going) -> bool:
    """Whether a sale is known now that may be the same payment, or that says that an exchange
    credit paid it, or a piece as paid for that never came, and was not when it was decided."""
    decided = desk.ledger.applications.decisions(one.application.number)
    others = typed.asked_about(one.decision.verdicts) != typed.asked_about(decided)
    told = exchange_told.told_of(one.decision.verdicts) - exchange_told.told_of(decided)
    paid = (serial.told_of(one.decision.verdicts) or set()) - (serial.told_of(decided) or set())
    return bool(others or told or paid)


def _given_to_all(desk: Desk, going: Sequence[Going], digest: str) -> Sequence[Approval]:
    """Who have approved each of these legs so."""
    first, *others = (_approved(desk, one.application, digest) for one in going)
    people = [{one.supervisor for one in given} for given in others]
    return [one for one in first if all(one.supervisor in each for each in people)]


def _given(desk: Desk, application: Application, digest: str) -> Sequence[Approval]:
    """Who have approved this very plan, but for who goes on with it now: nobody carries out what
    they approved themselves (R23)."""
    given = _approved(desk, application, digest)
    return [one for one in given if one.supervisor != desk.clerk.number]


def _approved(desk: Desk, application: Application, digest: str) -> Sequence[Approval]:
    """Who have approved this very plan."""
    given = desk.ledger.applications.approvals(application.number)
    return list({one.supervisor: one for one in given if one.plan == digest}.values())
