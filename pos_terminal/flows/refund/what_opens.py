"""What goods that an exchange credit paid for open again: of which payments of the first sale how
much, and how that goes back (R37)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from pos_terminal.core.decision import Decision
from pos_terminal.core.eligibility import Because
from pos_terminal.core.exchange_credit import spread
from pos_terminal.core.invoice import InvoiceBack
from pos_terminal.core.money import format_amount
from pos_terminal.core.refund import Kind
from pos_terminal.core.rules.facts import Together
from pos_terminal.core.sale import Sale, Tender, TenderKind
from pos_terminal.core.words import Failure, Words, say
from pos_terminal.flows.common.desk import Desk
from pos_terminal.flows.common.name_leg import leg_name
from pos_terminal.flows.common.wanted import Wanted
from pos_terminal.flows.refund.judged import choice_now, judged
from pos_terminal.texts.domain import of_choice
from pos_terminal.ui.ask import heading
from pos_terminal.ui.page import Line


class Again(Struct, frozen=True):
    """Of one payment of the first sale: what of it is open again."""

    wanted: Wanted
    decision: Decision
    against: Words | None = None
    """Why nothing goes back now: it is left to do."""


def where_it_goes(desk: Desk, wanted: Wanted, before: int = 0) -> tuple[Line, ...]:
    """For who agrees to it: each payment with its part, and that it is no notes where the shop's
    limit makes it store credit. Nothing of what no exchange credit paid, or can't be opened again
    as it is: that is said where it would be."""
    if wanted.choice.kind is not Kind.EXCHANGE_BACK:
        return ()
    try:
        again = what_opens(desk, wanted, before)
    except Failure:
        return ()
    return (heading(say("exchange.back_to")), *lines_of(again))


def lines_of(again: Sequence[Again]) -> tuple[Line, ...]:
    shown: list[Line] = []
    for leg in again:
        wanted = leg.wanted
        amount = format_amount(wanted.amount, wanted.sale.currency)
        shown.append(Line(leg_name(wanted.sale, wanted.tender), amount))
        if wanted.choice.because is Because.CREDIT:
            shown.append(Line(of_choice(wanted.choice)))
    return tuple(shown)


def what_opens(
    desk: Desk, goods: Wanted, before: int = 0, *, invoice: InvoiceBack | None = None
) -> list[Again]:
    """Judged as far as its own payment goes; the goods were judged where they came back.
    ``before``: what other goods of the visit open of the same credit; ``invoice``: what became of
    the first sale's. Failure ``ledger.not_reopened``."""
    reads = desk.ledger.exchange_credits
    credit = reads.by_number(goods.tender.exchange_no)
    first = None if credit is None else desk.ledger.sales.by_key(credit.sale_key)
    if credit is None or first is None:
        raise Failure("ledger.not_reopened")
    legs = {leg.refund_id: leg.leg for leg in reads.legs(credit.ticket)}
    spent = reads.spent(credit.ticket)
    gone = spread(before, spent)
    left = {number: room - gone.get(number, 0) for number, room in spent.items()}
    shares = {legs[number]: share for number, share in spread(goods.amount, left).items()}
    if sum(shares.values()) != goods.amount:
        raise Failure("ledger.not_reopened")
    sale = _opened(first, shares)
    return [_one(desk, goods, sale, leg, shares, invoice=invoice) for leg in shares]


def _opened(sale: Sale, shares: Mapping[int, int]) -> Sale:
    """As it will be."""

    def less(tender: Tender) -> Tender:
        share = shares.get(tender.leg, 0)
        changed = {"done": tender.done - share, "credited": tender.credited - share}
        return replace(tender, **changed, reopened=tender.reopened + share)

    return replace(sale, tenders=tuple(map(less, sale.tenders)))


def _one(
    desk: Desk,
    goods: Wanted,
    sale: Sale,
    leg: int,
    shares: Mapping[int, int],
    *,
    invoice: InvoiceBack | None,
) -> Again:
    tender, amount = sale.tender(leg), shares[leg]
    in_cash = sum(n for other, n in shares.items() if sale.tender(other).kind is TenderKind.CASH)
    beside = in_cash - amount if tender.kind is TenderKind.CASH else 0
    choice, against = choice_now(desk, sale, tender, amount, beside=beside)
    wanted = Wanted(
        *(sale, tender, amount, choice, goods.reason, goods.note),
        invoice=invoice,
        together=Together(
            legs=len(shares) - 1,
            amount=goods.amount - amount,
            cash=beside,
            voucher=-_of_voucher(sale, leg, shares),
            reopened=True,
        ),
    )
    return Again(wanted, *judged(desk, wanted, against))


def _of_voucher(sale: Sale, leg: int, shares: Mapping[int, int]) -> int:
    """Of what the same voucher paid, what this leg and those after it open again: the ledger has it
    among what went back until the commit."""
    number, order = sale.tender(leg).voucher_no, list(shares)
    after = order[order.index(leg) :]
    return sum(shares[one] for one in after if sale.tender(one).voucher_no == number != "")
