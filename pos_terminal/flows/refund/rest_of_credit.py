"""What is left of an exchange credit, payment by payment: how it goes back, and what is against it
(R37)."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct
from msgspec.structs import replace

from pos_terminal.core.decision import Decision
from pos_terminal.core.exchange_credit import ExchangeCredit
from pos_terminal.core.invoice import InvoiceBack
from pos_terminal.core.refund import Refund
from pos_terminal.core.rules.facts import Together
from pos_terminal.core.rules.state import refusal
from pos_terminal.core.sale import Sale, Tender, TenderKind
from pos_terminal.core.words import Failure, Words
from pos_terminal.flows.common.another_way import sends_to_form
from pos_terminal.flows.common.desk import Desk
from pos_terminal.flows.common.wanted import Wanted
from pos_terminal.flows.refund.judged import choice_now, judged
from pos_terminal.ports import Application


class Rest(Struct, frozen=True):
    """Of one payment: what goes back there, as it was approved when the credit was made."""

    before: Application
    wanted: Wanted
    decision: Decision
    against: Words | None = None
    """Why nothing goes back now: it is left to do."""


def rests_of(desk: Desk, credit: ExchangeCredit, invoice: InvoiceBack | None = None) -> list[Rest]:
    """Judged by the rules and the sale of today. Failure where nothing of it can go back, and no
    form would help. ``invoice``: what was said of its sale's since it was made."""
    legs = [one for one in desk.ledger.exchange_credits.legs(credit.ticket) if _left(one)]
    sale = desk.ledger.sales.by_key(credit.sale_key)
    if sale is None:
        raise Failure("ledger.balance")
    if (locked := refusal(sale)) is not None:
        raise Failure(f"rules.{locked.value}")
    freed = _freed(sale, legs)
    cash = sum(_left(one) for one in legs if freed.tender(one.leg).kind is TenderKind.CASH)
    rests = [
        _rest(desk, credit, freed, legs[place:], invoice, cash=cash, others=len(legs) - 1)
        for place in range(len(legs))
    ]
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
    desk: Desk,
    credit: ExchangeCredit,
    sale: Sale,
    left: Sequence[Refund],
    invoice: InvoiceBack | None,
    *,
    cash: int,
    others: int,
) -> Rest:
    """Of the first of those that are ``left``. The goods are back already."""
    leg = left[0]
    legs = {one.number: one for one in desk.ledger.applications.of_ticket(credit.ticket)}
    before, tender, amount = legs[leg.application], sale.tender(leg.leg), _left(leg)
    beside = cash - amount if tender.kind is TenderKind.CASH else 0
    choice, against = choice_now(desk, sale, tender, amount, beside=beside)
    wanted = Wanted(
        *(sale, tender, amount, choice, desk.shop.reason(before.reason), before.note),
        about=frozenset(item.line for one in legs.values() for item in one.items),
        answered=before.goods_back,
        invoice=before.invoice or invoice,
        together=Together(
            legs=others,
            amount=credit.left - amount,
            of_sale=credit.left - amount,
            cash=beside,
            voucher=-_of_voucher(sale, left),
            done=credit.taken,
            rest_of=credit.ticket,
            came_back=credit.made_at,
        ),
    )
    return Rest(before, wanted, *judged(desk, wanted, against))
