"""What a clerk types of a payment from the customer's receipt (R7): a sale of its own, or the
reference of a payment of which the till told none."""

from __future__ import annotations

from typing import Final

from msgspec.structs import replace

from pos_terminal.core.digest import digest
from pos_terminal.core.local_time import local
from pos_terminal.core.reference import spelled
from pos_terminal.core.sale import Payment, Sale, SaleOrigin, SaleState, Tender
from pos_terminal.core.typed import Typed, nothing_came_of
from pos_terminal.core.words import Failure
from pos_terminal.services.ledger import joining
from pos_terminal.services.ledger.books import applications, cases, feed, refunds, sales
from pos_terminal.services.ledger.step import Step
from pos_terminal.wire.feed.entries import SaleEntry

_MORE: Final = ("batch", "trace", "auth_code")


def add_sale(step: Step, sale: Sale, operator: str) -> int:
    """A sale that nobody has told of; its key. Failure ``ledger.typed_known`` where one has that
    reference of that day, or around it, by now: one transaction is one sale."""
    (leg,) = sale.tenders
    for known in sales.named_by(step.db, _reference(step, leg, leg.payment)):
        raise Failure("ledger.typed_known", sale=known.shown)
    (entry,) = sales.with_keys(step, [SaleEntry(0, sale, digest(sale))])
    sales.add(step, [entry], None)
    _log(step, entry.sale, leg, operator)
    joining.asked_before(step, entry.sale)
    return entry.sale.key


def add_reference(step: Step, sale_key: int, number: int, typed: Typed, operator: str) -> None:
    """The reference of a leg of a till's sale. A sale that was typed with it is that leg from now
    on. Failure ``ledger.typed_known`` where another one of the till's has it,
    ``ledger.typed_not_it`` where this leg is not as it was when it was offered,
    ``ledger.sale_open`` while refunds of both are open."""
    sale = sales.stored(step.db, sale_key)
    if sale is None or (sale_key, number) not in sales.of_typed(step.db, typed, step.home.zone):
        raise Failure("ledger.typed_not_it")
    leg = sale.tender(number)
    paid = typed.payment(local(step.now, step.home.zone))
    others = sales.named_by(step.db, _reference(step, leg, paid), sale_key)
    for other in others:
        if other.name is not None or not other.typed:
            raise Failure("ledger.typed_known", sale=other.shown)
    if not sales.may_join(step.db, sale_key, *(other.sale_key for other in others)):
        raise Failure("ledger.sale_open")
    leg = replace(leg, payment=_with(leg.payment, paid), typed=1, as_told=leg.payment)
    sale = _with_leg(sale, leg)
    for other in others:  # first: what is typed stands once
        joining.join(step, sale, leg, other.sale_key)
    _fill(step, sale)
    sales.close_batch_of(step, sale)
    _log(step, sale, leg, operator)
    joining.asked_before(step, sale)


def add_missing(step: Step, sale_key: int, number: int, typed: Typed, operator: str) -> None:
    """What was not typed of this payment the first time. What is known of it stays as it is.

    Failure ``ledger.typed_not_it`` where it was not typed so, or is known otherwise by now,
    ``ledger.sale_open`` while a refund of the sale is open, ``ledger.sale_gone`` for a sale that is
    not there any more.
    """
    sales.must_be_there(step.db, sale_key)
    sale = sales.stored(step.db, sale_key)
    leg = None if sale is None else sale.tender(number)
    if sale is None or leg is None or leg.payment is None or sale.state is not SaleState.APPROVED:
        raise Failure("ledger.typed_not_it")
    if not (leg.typed and typed.names(leg, step.home.zone)):
        raise Failure("ledger.typed_not_it")
    if sales.has_open(step.db, sale_key):
        raise Failure("ledger.sale_open")
    paid = _with(leg.payment, typed.payment(local(step.now, step.home.zone)))
    added = [one for one in _MORE if getattr(paid, one) != getattr(leg.payment, one)]
    leg = replace(leg, payment=paid)
    sale = _with_leg(sale, leg)
    _fill(step, sale)
    sales.close_batch_of(step, sale)
    _log(step, sale, leg, operator, kind="typed_more", added=" ".join(added))


def is_one(step: Step, typed: int, sale_key: int, number: int, operator: str) -> None:
    """Somebody says that the typed sale of this key is this payment of a till's, which has no
    reference so far, or the same one with another day. Failures as of ``add_reference``;
    ``ledger.sale_gone`` for a sale that is not there any more."""
    for key in (typed, sale_key):
        sales.must_be_there(step.db, key)
    ours, sale = sales.stored(step.db, typed), sales.stored(step.db, sale_key)
    may = sales.another(step.db, sale_key, number, step.home.zone)
    if ours is None or sale is None or typed not in {key for key, _ in may}:
        raise Failure("ledger.typed_not_it")
    step.log(
        "typed_is_one",
        sale_key=sale_key,
        sale=sales.name_of(step.db, sale_key),
        leg=number,
        typed=typed,
        operator=operator,
    )
    leg = sale.tender(number)
    if leg.payment is None or not leg.payment.rrn:
        add_reference(step, sale_key, number, Typed.of(ours, step.home.zone), operator)
    elif not sales.may_join(step.db, typed, sale_key):
        raise Failure("ledger.sale_open")
    else:
        joining.join(step, sale, leg, typed)


def withdraw_sale(step: Step, sale_key: int, operator: str, supervisor: str) -> None:
    """One that was typed wrong; typed again it is another sale, and one transaction still one sale.

    Failure ``ledger.typed_used`` where anything may have come of it, ``ledger.sale_gone`` where it
    is the till's by now, ValueError for what a till told, or where no second person said so.
    """
    sales.must_be_there(step.db, sale_key)
    sale = sales.stored(step.db, sale_key)
    if sale is None or sale.origin is not SaleOrigin.TYPED or supervisor in ("", operator):
        raise ValueError("a supervisor takes back what a clerk typed, and nothing else")
    (leg,) = sale.tenders
    if not (
        sale.state is SaleState.APPROVED
        and not sales.given_back(step.db, sale_key)
        and nothing_came_of(refunds.of_sale(step.db, sale_key))
        and not applications.is_open(step.db, sale_key)
        and not cases.of_sale(step.db, sale_key)
    ):
        raise Failure("ledger.typed_used")
    none = replace(leg, payment=None, typed=0)  # its reference is nobody's
    gone = replace(sale, state=SaleState.WITHDRAWN, tenders=(none,))
    sales.withdraw(step, SaleEntry(0, gone, digest(gone)))
    _log(step, sale, leg, operator, kind="typed_withdrawn", supervisor=supervisor)


def withdraw_reference(
    step: Step, sale_key: int, number: int, operator: str, supervisor: str
) -> None:
    """The reference of this leg of a till's sale was typed wrong: it has none again, as the till
    told it.

    Failure ``ledger.reference_used`` where anything may have gone back of the leg, an application
    of the sale is open, or it has or had a case; ``ledger.typed_not_it`` where the till has told it
    by now; ValueError where no second person said so.
    """
    sales.must_be_there(step.db, sale_key)
    sale = sales.stored(step.db, sale_key)
    if sale is None or supervisor in ("", operator):
        raise ValueError("a supervisor takes back what a clerk typed, and nothing else")
    leg = sale.tender(number)
    if leg.as_told is None:
        raise Failure("ledger.typed_not_it")
    refunds_of_leg = [one for one in refunds.of_sale(step.db, sale_key) if one.leg == number]
    if not (
        nothing_came_of(refunds_of_leg)
        and not applications.is_open(step.db, sale_key)
        and not cases.of_sale(step.db, sale_key)
    ):
        raise Failure("ledger.reference_used")
    _fill(step, _with_leg(sale, replace(leg, payment=leg.as_told, typed=0, as_told=None)))
    sales.close_batch_of(step, sale)
    _log(step, sale, leg, operator, kind="typed_withdrawn", supervisor=supervisor)


def _with_leg(sale: Sale, leg: Tender) -> Sale:
    legs = tuple(leg if one.leg == leg.leg else one for one in sale.tenders)
    return replace(sale, tenders=legs)


def _fill(step: Step, sale: Sale) -> None:
    """As people told it: no import answers for it any more."""
    feed.take_off(step, sales.fill(step, [SaleEntry(0, sale, digest(sale))], None))


def _reference(step: Step, leg: Tender, paid: Payment | None) -> sales.Reference:
    """ValueError without one: nothing is typed that the acquirer can't be asked by."""
    if paid is None or len(paid.rrn) != 12 or spelled(paid.rrn) != paid.rrn:
        raise ValueError("a typed payment has a reference of 12 characters, as spelled")
    on = sales.day_of(paid.paid_at, step.home.zone)
    return sales.Reference(rrn=paid.rrn, on=on, terminal_id=paid.terminal_id, amount=leg.amount)


def _with(told: Payment | None, typed: Payment) -> Payment:
    """What the till told of it, and what stands on the receipt besides."""
    if told is None:
        return typed
    return replace(
        told,
        terminal_id=typed.terminal_id,
        batch=told.batch or typed.batch,
        trace=told.trace or typed.trace,
        auth_code=told.auth_code or typed.auth_code,
        rrn=typed.rrn,
    )


def _log(
    step: Step, sale: Sale, leg: Tender, operator: str, *, kind: str = "typed", **more: str
) -> None:
    paid = leg.payment
    step.log(
        kind,
        sale_key=sale.key,
        sale=sale.sale_id or None,
        leg=leg.leg,
        amount=leg.amount,
        operator=operator,
        approvals=leg.typed,
        rrn="" if paid is None else paid.rrn,
        terminal_id="" if paid is None else paid.terminal_id,
        **more,
    )
