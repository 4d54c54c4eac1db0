"""An exchange credit: made, taken from and settled, each in one commit (R37).

Money moves on the legs, the goods are back from the first commit on, and no acquirer is asked. What
is set aside is either the till's to take or its tender's again, and never both: settling ends the
one in the commit that begins the other.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from msgspec.structs import replace

from pos_terminal.core.application import ApplicationState
from pos_terminal.core.exchange_credit import (
    CreditState,
    ExchangeCredit,
    check_open,
    check_taking,
    spread,
)
from pos_terminal.core.refund import Kind, Refund, State
from pos_terminal.core.words import Failure
from pos_terminal.ports import Application, CreditSlips, Draft, ExchangeTaking, Taking
from pos_terminal.services.ledger import exchange_told
from pos_terminal.services.ledger.books import (
    applications,
    exchange_credits,
    refunds,
    sales,
    stock,
)
from pos_terminal.services.ledger.books.slips import queue
from pos_terminal.services.ledger.may_go import may_go
from pos_terminal.services.ledger.step import Step
from pos_terminal.services.ledger.two_people import Pair, are_others
from pos_terminal.wire.receipt.slip import Slip


def make(
    step: Step, numbers: Sequence[int], lasts: timedelta, slips: CreditSlips
) -> ExchangeCredit:
    """All legs set aside, the goods back, the number and its slips, or nothing is.

    ValueError for applications that are no one credit. Failures as of ``commit_form``.
    """
    asked = [applications.load(step.db, number) for number in numbers]
    _must_be_one(step, asked)
    if lasts <= timedelta(0):
        raise ValueError(f"an exchange credit that lasts {lasts}")
    legs = [_set_aside(step, one) for one in asked]
    credit = exchange_credits.add(step, legs, step.now + lasts)
    queue(step, slips(legs, credit), legs[0].refund_id, legs[0].application)
    return credit


def _must_be_one(step: Step, asked: Sequence[Application]) -> None:
    """Legs of one sale in one ticket, the first of them with the goods, which are worth as much
    without anything that is owed for others; and the only such credit of it."""
    ours = [(one.ticket, one.sale_key) for one in asked if one.kind is Kind.EXCHANGE_CREDIT]
    if len(set(ours)) != 1 or len(ours) != len(asked) or not asked[0].items:
        raise ValueError("no applications of one exchange credit")
    if sum(one.amount for one in asked) > sum(item.worth for item in asked[0].items):
        raise ValueError("an exchange credit of more than its goods are worth")
    if exchange_credits.legs_of(step.db, asked[0].ticket):
        raise ValueError(f"ticket {asked[0].ticket} has an exchange credit")


def _set_aside(step: Step, application: Application) -> Refund:
    number = application.number
    applications.change(step, number, ApplicationState.SEALED, (ApplicationState.OPEN,), kept=False)
    may_go(step, application)
    sales.set_aside(step, application)  # before its row, as with a form
    refund = refunds.add(step, application, State.SET_ASIDE, None)
    stock.add_goods(step, refund)
    refunds.log(step, refund)
    return refund


def take(step: Step, taking: Taking) -> ExchangeTaking:
    """Once for each request of a till, whatever became of its answers, and of the credit since.

    Failure ``voucher.unknown``, ``voucher.reused`` and those of ``check_taking``.
    """
    known = exchange_credits.known(step.db, taking)
    if known is not None:
        step.log("voucher_again", request=taking.request)
        return known
    before = exchange_credits.load(step.db, taking.number)
    check_taking(before, taking.amount, step.now)
    legs = exchange_credits.legs_of(step.db, before.ticket)
    shares = spread(taking.amount, {one.refund_id: one.amount - one.done for one in legs})
    for one in legs:
        if share := shares.get(one.refund_id):
            refunds.take(step, one.refund_id, share)
            sales.take(step, one, share)
    taken = exchange_credits.add_taking(step, taking, shares)
    settled = taken.credit.state is CreditState.SETTLED
    for one in legs:
        if settled:
            _settle(step, one.refund_id)
        elif one.refund_id in shares:
            refunds.log(step, refunds.load(step.db, one.refund_id))
    applications.end_spent(step, before.ticket)
    exchange_told.settle(step, taken.credit)
    exchange_told.look_at_unclear(step)
    return taken


def settle(
    step: Step, number: str, rest: Sequence[Draft], operator: str, slips: Sequence[Slip]
) -> Sequence[Application]:
    """The till takes nothing more of it, and what is left of each leg is to do in its ticket.

    ``rest``: one for each leg that has any left. Failure ``voucher.settled``, ``.unknown``, or
    ``ledger.credit_moved`` where another sum is left than they say: the till took of it meanwhile.
    """
    before = exchange_credits.load(step.db, number)
    check_open(before)
    legs = exchange_credits.legs_of(step.db, before.ticket)
    _must_be_its_rest(before, legs, rest)
    for one in legs:
        _settle(step, one.refund_id)
    exchange_credits.settle(step, number, operator)
    place = applications.last_place(step.db, before.ticket) + 1
    opened = applications.open_ticket(
        step,
        [
            replace(one, ticket=before.ticket, place=place + n, kept=True)
            for n, one in enumerate(rest)
        ],
    )
    queue(step, slips, legs[0].refund_id, legs[0].application)
    return opened


def end(step: Step, number: str, operator: str, approvals: Pair) -> ExchangeCredit:
    """Of one whose sale is locked or voided: what is left of it stays with that sale, whose case
    can be closed from then on.

    Failure ``voucher.settled``, ``voucher.stopped`` where it is over already, ``.unknown``, or
    ``ledger.credit_stands``: its rest can go back. ValueError where they are not two others.
    """
    before = exchange_credits.load(step.db, number)
    check_open(before)
    if before.stands:
        raise Failure("ledger.credit_stands")
    legs = exchange_credits.legs_of(step.db, before.ticket)
    if not are_others(approvals, operator, legs[0].operator):
        raise ValueError("an exchange credit is ended by people other than who made it")
    for one in legs:
        _settle(step, one.refund_id)
    return exchange_credits.end(step, number, operator, approvals)


def _must_be_its_rest(
    credit: ExchangeCredit, legs: Sequence[Refund], rest: Sequence[Draft]
) -> None:
    """Its goods are back already; what was taken of can't be voided."""
    kinds = {Kind.EXCHANGE, Kind.EXCHANGE_CREDIT} | ({Kind.VOID} if credit.taken else set())
    wrong = any(one.kind in kinds or one.items or one.owed for one in rest)
    if wrong or any(one.sale_key != credit.sale_key for one in rest):
        raise ValueError("no rest of an exchange credit")
    left = {one.leg: one.amount - one.done for one in legs if one.done < one.amount}
    if {one.leg: one.amount for one in rest} != left or len(rest) != len(left):
        raise Failure("ledger.credit_moved")


def _settle(step: Step, refund_id: int) -> None:
    """What is left of it is free, and it is over."""
    refund = refunds.settle(step, refund_id)
    sales.free(step, refund)
    sealed = (ApplicationState.SEALED,)
    applications.change(step, refund.application, ApplicationState.DONE, sealed, kept=False)
    refunds.log(step, refund)
