"""A till tells of a payment that a clerk had typed: the two sales become one (R7).

In the commit in which the ledger learns of it, an import's or that of a typed reference: what was
given back of the typed sale, or is on its way, counts on the till's leg, with its applications,
slips and cases. What the till tells otherwise than it was typed is a case, and locks the sale.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec.structs import replace

from pos_terminal.core.case import ToldElsewhere, TypedDiffers
from pos_terminal.core.sale import Sale, Tender
from pos_terminal.core.sale_event import SaleEvent
from pos_terminal.core.typed import differences
from pos_terminal.services.ledger.books import applications, cases, refunds, sales, slips
from pos_terminal.services.ledger.step import Step


def typed_of(step: Step, sale: Sale) -> Iterator[tuple[Tender, sales.Named]]:
    """Payments of this sale that were typed in another one."""
    for leg in sale.tenders:
        paid = leg.payment
        if paid is not None and paid.rrn:
            on = sales.day_of(paid.paid_at, step.home.zone)
            terminal = paid.terminal_id
            one = sales.Reference(
                rrn=paid.rrn, on=on, terminal_id=terminal, amount=leg.amount, typed=False
            )
            yield from (
                (leg, other) for other in sales.named_by(step.db, one, sale.key) if other.typed
            )


def join_all(step: Step, told: Iterable[Sale]) -> None:
    """Sales that a till told of now, each with whatever was typed of it."""
    for sale in told:
        for leg, typed in list(typed_of(step, sale)):
            join(step, sale, leg, typed.sale_key)


def join(step: Step, sale: Sale, leg: Tender, typed: int) -> None:
    """The typed sale of this key is this leg of ``sale``, which is stored by now."""
    ours = sales.stored(step.db, typed)
    if ours is None:
        raise KeyError(typed)
    into = sales.Into(sale.key, leg.leg, refunds.number_behind(step.db, sale.key))
    given = sales.given_back(step.db, typed)
    if sales.total_of(step.db, sale.key, leg.leg) == ours.amount:
        leg = replace(leg, amount=ours.amount)  # the receipt has what it was changed to
    for book in (refunds, applications, slips, cases):
        book.go_over(step, typed, into)
    over = sales.absorb(step, typed, into)
    differs = differences(ours.tenders[0], leg, step.home.zone, (ours.currency, sale.currency))
    if differs or over:
        rrn = "" if leg.payment is None else leg.payment.rrn
        facts = TypedDiffers(leg.leg, rrn, differs, given)
        cases.typed_differs(step, sale.key, facts, over=over, told=f"typed/{typed}")


def contradict(step: Step, sale: Sale, typed: Tender) -> None:
    """The reference of this leg was typed, and a till has told it now, or others of its numbers; a
    case where something is told otherwise."""
    leg = sale.tender(typed.leg)
    differs = differences(typed, leg, step.home.zone)
    if differs:
        rrn = "" if typed.payment is None else typed.payment.rrn
        facts = TypedDiffers(leg.leg, rrn, differs, sales.given_back(step.db, sale.key))
        told = f"reference/{typed.leg}/{rrn}"
        if leg.typed:  # that is to be told still: only these numbers
            told = "/".join(("numbers", str(typed.leg), rrn, *(one.fact for one in differs)))
        cases.typed_differs(step, sale.key, facts, over=0, told=told)


def all_asked_before(step: Step, told: Iterable[Sale]) -> None:
    """Of sales that a till told of now."""
    if cases.any_reference(step.db):
        for sale in told:
            asked_before(step, sale)


def asked_before(step: Step, sale: Sale) -> None:
    """What the acquirer gave back of these payments while their reference was typed for another
    sale, which the till knows by its own since: a case for each refund. So is what was typed of a
    payment with this reference and went to another sale, told first, that it does not fit. Each
    locks the sale. The other one has it counted until people have closed the case and said whose
    it is: a reference is of one payment, and nobody pays it twice."""
    for leg in sale.tenders:
        paid = leg.payment
        if paid is None or not paid.rrn:
            continue
        on = sales.day_of(paid.paid_at, step.home.zone)
        found = cases.asked_as(step.db, paid.rrn, on)
        for one in (*found, *cases.taken_over(step.db, paid.rrn, on, sale.key)):
            name = sales.name_of(step.db, one.sale_key) or ""
            facts = ToldElsewhere(SaleEvent.REFUNDED_ELSEWHERE, name, leg.leg, one.given)
            told = f"asked/{one.what}"
            cases.told_elsewhere(step, sale.key, facts, over=one.given, told=told)
