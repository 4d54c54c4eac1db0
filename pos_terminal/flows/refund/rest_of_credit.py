"""An exchange credit at home: what it is worth, and what is left of it back to its tender (R37).

From the supervisors' yes on the till takes nothing more of it: one commit ends it and makes its
rest an approved plan of its ticket, which is to do until it is done.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from pos_terminal.core.decision import Decision
from pos_terminal.core.eligibility import Choice, choose_kind
from pos_terminal.core.exchange_credit import CreditState, ExchangeCredit
from pos_terminal.core.money import with_symbol
from pos_terminal.core.refund import Refund
from pos_terminal.core.rules import card_match
from pos_terminal.core.rules.book import approvals_needed
from pos_terminal.core.rules.facts import Together
from pos_terminal.core.rules.state import refusal
from pos_terminal.core.sale import Sale, Tender, TenderKind
from pos_terminal.core.ticket import PlannedLeg, plan_digest
from pos_terminal.core.voucher import mask
from pos_terminal.core.words import Failure, VoucherFailure, Words, say
from pos_terminal.flows.common.another_way import sends_to_form
from pos_terminal.flows.common.cannot_be import taken_as
from pos_terminal.flows.common.desk import Desk
from pos_terminal.flows.common.get_ready import get_ready
from pos_terminal.flows.common.turned_away import TurnedAway
from pos_terminal.flows.common.wanted import Wanted
from pos_terminal.flows.refund.approve_plan import Seen, ask_plan
from pos_terminal.flows.refund.card_readers import ready_or_word
from pos_terminal.flows.refund.carry_out import carry_out
from pos_terminal.flows.refund.confirm_credit import until_line
from pos_terminal.flows.refund.go_on import go_on
from pos_terminal.flows.refund.going import Going, newest, planned_as
from pos_terminal.flows.refund.plan import decide
from pos_terminal.flows.refund.to_card import to_card
from pos_terminal.flows.refund.ways import WAYS
from pos_terminal.ports import Application, Approval, Draft
from pos_terminal.texts.domain import of_verdict
from pos_terminal.ui.ask import choose, heading, large, tell
from pos_terminal.ui.page import Line, Page


class Rest(Struct, frozen=True):
    """Of one payment: what goes back there, as it was approved when the credit was made."""

    before: Application
    wanted: Wanted
    decision: Decision
    against: Words | None = None
    """Why nothing goes back now: it is left to do."""


async def show_exchange_credit(desk: Desk, credit: ExchangeCredit) -> None:
    """State, amounts, and until when the till takes it; what is left of it goes back by a key."""
    title, lines = say("exchange.credit"), _lines(desk, credit)
    if credit.state is not CreditState.OPEN:
        await tell(desk.ui, "exchange.credit_closed", title, *lines)
        return
    options = (Line(say("exchange.rest_back"), with_symbol(credit.left, credit.currency)),)
    page = Page("exchange.credit", title, lines, hint=say("ui.by_digit"))
    await choose(desk.ui, page, options, first=None)
    await give_rest_back(desk, credit.number)


def _lines(desk: Desk, credit: ExchangeCredit) -> tuple[Line, ...]:
    state = credit.state.value
    if credit.has_expired(desk.clock.now()):
        state = "expired"
    return (
        heading(say(f"exchange.credit_{state}"), with_symbol(credit.left, credit.currency)),
        Line(say("exchange.credit_worth"), with_symbol(credit.amount, credit.currency)),
        Line(say("exchange.credit_taken"), with_symbol(credit.taken, credit.currency)),
        until_line(desk, credit.expires_at),
        Line(say("exchange.credit_number"), mask(credit.number)),
    )


async def give_rest_back(desk: Desk, number: str) -> None:
    """Approved, then the till takes nothing more, then each payment has its rest back. Failure
    ``voucher.settled`` where it ended meanwhile, or why nothing of it can go back now."""
    with desk.authoriser.sale():
        await get_ready(desk)
        credit = desk.ledger.exchange_credits.by_number(number)
        if credit is None or credit.state is not CreditState.OPEN:
            raise VoucherFailure("voucher.settled")
        rests = _rests(desk, credit)
        digest = _digest(desk, credit, rests)
        approvals = await _approved(desk, credit, rests, digest)
        drafts = [_draft(desk, one, approvals if one.against is None else ()) for one in rests]
        applications = await desk.ledger.settle_exchange_credit(number, drafts, desk.clerk.number)
        going, against = _under_way(desk, rests, applications)
        if going:
            await carry_out(desk, going, against)
            return
    await go_on(desk, credit.ticket)  # which leads to the form


def _rests(desk: Desk, credit: ExchangeCredit) -> list[Rest]:
    """Judged by the rules and the sale of today. Failure where nothing of it can go back, and no
    form would help."""
    legs = [one for one in desk.ledger.exchange_credits.legs(credit.ticket) if _left(one)]
    sale = desk.ledger.sales.by_key(credit.sale_key)
    if sale is None:
        raise Failure("ledger.balance")
    if (locked := refusal(sale)) is not None:
        raise Failure(f"rules.{locked.value}")
    freed = _freed(sale, legs)
    cash = sum(_left(one) for one in legs if freed.tender(one.leg).kind is TenderKind.CASH)
    rests = [_rest(desk, credit, freed, legs[place:], cash) for place in range(len(legs))]
    against = [one.against for one in rests if one.against is not None]
    if len(against) == len(rests) and not any(map(sends_to_form, against)):
        raise Failure.of(against[0])
    return rests


def _left(leg: Refund) -> int:
    return leg.amount - leg.done


def _freed(sale: Sale, legs: Sequence[Refund]) -> Sale:
    """As it will be once nothing of it is set aside for the till."""
    apart = {one.leg: _left(one) for one in legs}

    def free(tender: Tender) -> Tender:
        less = apart.get(tender.leg, 0)
        return replace(tender, held=tender.held - less, apart=tender.apart - less)

    return replace(sale, tenders=tuple(map(free, sale.tenders)))


def _of_voucher(sale: Sale, legs: Sequence[Refund]) -> int:
    """Of what the voucher of the first leg paid, what is set aside for this and those after it: the
    ledger has it among what went back of it until the credit is settled."""
    number = sale.tender(legs[0].leg).voucher_no
    return sum(_left(one) for one in legs if sale.tender(one.leg).voucher_no == number != "")


def _rest(
    desk: Desk, credit: ExchangeCredit, sale: Sale, left: Sequence[Refund], cash: int
) -> Rest:
    """Of the first of those that are ``left``. The goods are back already."""
    leg = left[0]
    legs = {one.number: one for one in desk.ledger.applications.of_ticket(credit.ticket)}
    before, tender, amount = legs[leg.application], sale.tender(leg.leg), _left(leg)
    beside = cash - amount if tender.kind is TenderKind.CASH else 0
    choice, against = _choice(desk, sale, tender, amount, beside=beside)
    wanted = Wanted(
        *(sale, tender, amount, choice, desk.shop.reason(before.reason), before.note),
        about=frozenset(item.line for one in legs.values() for item in one.items),
        invoice=before.invoice,
        together=Together(
            legs=len(legs) - 1,
            amount=credit.left - amount,
            cash=beside,
            voucher=-_of_voucher(sale, left),
            done=credit.taken,
            rest_of=credit.ticket,
        ),
    )
    decision = decide(desk, wanted)
    if against is None and decision.refuses and decision.strictest is not None:
        against = of_verdict(decision.strictest)
    return Rest(before, wanted, decision, against)


def _choice(
    desk: Desk, sale: Sale, tender: Tender, amount: int, *, beside: int
) -> tuple[Choice, Words | None]:
    """How it goes back, and what the acquirer has against it."""
    try:
        return taken_as(desk, desk.here, sale, tender, amount, beside=beside), None
    except TurnedAway as away:
        return choose_kind(sale, tender, amount, desk.here, beside=beside), away.words


def _digest(desk: Desk, credit: ExchangeCredit, rests: Sequence[Rest]) -> str:
    """Of the ticket's plan as it will stand, which is what going on with it asks for."""
    legs = [planned_as(desk, one) for one in newest(desk, credit.ticket)]
    for one in rests:
        wanted = one.wanted
        planned = (wanted.sale.key, wanted.tender.leg, wanted.choice.kind, wanted.amount)
        legs.append(PlannedLeg(*planned))
    return plan_digest(legs)


async def _approved(
    desk: Desk, credit: ExchangeCredit, rests: Sequence[Rest], digest: str
) -> Sequence[Approval]:
    """What can go back now; the rest of it is approved once it can."""
    free = [one for one in rests if one.against is None]
    cards = [one for one in free if WAYS[one.wanted.choice.kind] is to_card]
    needed = approvals_needed([one.decision for one in free], desk.shop.supervisor)
    amount = with_symbol(sum(one.wanted.amount for one in free), credit.currency)
    if cards:
        await ready_or_word(desk, large(say("flows.amount"), amount))
    if not needed or not free:
        return ()
    seen = [_seen(one) for one in free]
    foreseen = [card_match.foreseen(one.wanted.tender.card) for one in cards]
    verdicts = [*(one.decision.strictest for one in free), *foreseen]
    about = (Line(say("exchange.rest_of"), mask(credit.number)),)
    return await ask_plan(desk, seen, verdicts, needed, digest, about=about)


def _seen(one: Rest) -> Seen:
    wanted = one.wanted
    goes, ticket = wanted.choice.kind, one.before.ticket
    seen = (wanted.sale, wanted.tender, wanted.amount, goes, None, ticket)
    return Seen(*seen, invoice=wanted.invoice)


def _draft(desk: Desk, one: Rest, approvals: Sequence[Approval]) -> Draft:
    old, wanted = one.before, one.wanted
    return Draft(
        sale_key=wanted.sale.key,
        leg=wanted.tender.leg,
        ticket=old.ticket,
        kind=wanted.choice.kind,
        amount=wanted.amount,
        reason=old.reason,
        note=old.note,
        operator=desk.clerk.number,
        goods_back=old.goods_back,
        invoice=old.invoice,
        decisions=() if one.decision.refuses else (one.decision,),
        approvals=approvals,
        kept=True,
    )


def _under_way(
    desk: Desk, rests: Sequence[Rest], applications: Sequence[Application]
) -> tuple[Sequence[Going], Mapping[int, Words]]:
    """What can be done now, of the sale as it is by now; and what is against the others."""
    going: list[Going] = []
    against: dict[int, Words] = {}
    for one, application in zip(rests, applications, strict=True):
        sale = desk.ledger.sales.by_key(application.sale_key)
        if one.against is not None:
            against[application.number] = one.against
        elif sale is not None:
            wanted = replace(one.wanted, sale=sale, tender=sale.tender(application.leg))
            going.append(Going(application, wanted, one.decision))
    return going, against
