"""Conclude, and the commits of every other outcome; cash legs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal

from pos_terminal.core.application import ApplicationState
from pos_terminal.core.case import CaseKind, OutcomeFacts
from pos_terminal.core.cause import Cause
from pos_terminal.core.refund import HOLDING, LAPSED, PAID, Kind, Refund, State, move
from pos_terminal.ports import (
    Application,
    Conclusion,
    Drawn,
    Payee,
    Sealed,
    Slips,
)
from pos_terminal.services.ledger.books import (
    applications,
    cases,
    counter,
    findings,
    manual,
    messages,
    outcomes,
    refunds,
    sales,
    stock,
)
from pos_terminal.services.ledger.books.slips import queue
from pos_terminal.services.ledger.may_go import may_go
from pos_terminal.services.ledger.sealing import seal
from pos_terminal.services.ledger.step import Step
from pos_terminal.wire.iso8583.message import Message

_APPLICATION = {
    State.ACCEPTED: ApplicationState.DONE,
    State.NOT_SENT: ApplicationState.FAILED,
    State.DECLINED: ApplicationState.FAILED,
    State.REVERSED: ApplicationState.FAILED,
    State.GIVEN_UP: ApplicationState.FAILED,
    State.CONFIRMED: ApplicationState.DONE,
    State.WITHDRAWN: ApplicationState.FAILED,
}


def conclude(step: Step, refund_id: int, conclusion: Conclusion) -> Refund:
    """One outcome, in one commit. Raises IllegalMove; ValueError where amount and state differ."""
    before = refunds.load(step.db, refund_id)
    finding, evidence = conclusion.finding, conclusion.evidence
    told = any(one is not None for one in (finding, evidence, conclusion.confirmation))
    state = move(before.state, conclusion.state, told=told)
    _check_amount(before, conclusion)
    teller = conclusion.confirmation or finding or evidence
    if before.kind is Kind.MANUAL and teller is not None and teller.paid:
        manual.must_be_its_own(step, before, teller.reference)
    after = refunds.conclude(step, before, conclusion)
    if finding is not None:
        findings.add(step, before, finding, conclusion.done)
    if conclusion.confirmation is not None:
        manual.add(step, before, conclusion.confirmation, conclusion.done)
    if evidence is not None:
        outcomes.log_evidence(step, before, evidence, conclusion.done)
    if before.state in HOLDING and state not in HOLDING:
        _release(step, before, conclusion)
        cases.close_unknown(step, refund_id, state.value)
        cases.gave_more(step, before, conclusion.done)
        cases.gave_again(step, before, conclusion.done)
    if conclusion.stops is not None:
        counter.stop(step, conclusion.stops)
    if state is State.OVERPAID:
        _was_done(step, before)
    queue(step, conclusion.slips, refund_id, before.application)
    case, over = conclusion.case, 0
    if state is State.OVERPAID:
        case, over = CaseKind.OVERPAYMENT, conclusion.done
    if case is not None:
        facts = OutcomeFacts(conclusion.cause, conclusion.state)
        cases.open_of_refund(step, refund_id, case, facts, over=over)
    refunds.log(step, after)
    return after


def seal_anew(
    step: Step,
    refund_id: int,
    cause: Cause,
    card: Payee | None,
    build: Callable[[Drawn], Message],
) -> Sealed:
    """The same application under another STAN; the first request was surely not taken."""
    burnt = conclude(step, refund_id, Conclusion(State.NOT_SENT, cause=cause))
    return seal(step, burnt.application, card, build, again=True)


def _check_amount(before: Refund, conclusion: Conclusion) -> None:
    right = (
        0 < conclusion.done <= before.amount if conclusion.state in PAID else conclusion.done == 0
    )
    if before.kind is Kind.VOID and conclusion.done not in (0, before.amount):
        right = False  # a void is in full
    if not right:
        raise ValueError(f"{conclusion.done} given back as {conclusion.state}")


def _release(step: Step, before: Refund, conclusion: Conclusion) -> None:
    """Hold → spent or free; the card data and the void's reversal are done with."""
    sales.release(step, before, conclusion.done)
    if conclusion.done:
        stock.add_goods(step, before)
    if before.kind is Kind.VOID and conclusion.state is State.ACCEPTED:
        sales.void_leg(step, before.sale_key, before.leg)
    messages.spend(step, before.refund_id)
    kept = conclusion.keep and conclusion.state is State.DECLINED
    # of a ticket of several legs it stays to do (R35)
    kept |= conclusion.state in LAPSED and applications.of_several(step.db, before.application)
    state = ApplicationState.OPEN if kept else _APPLICATION[conclusion.state]
    why: Cause | Literal[""] = conclusion.cause or ""
    sealed = (ApplicationState.SEALED,)
    applications.change(step, before.application, state, sealed, kept=kept, why=why)
    applications.end_spent(step, applications.load(step.db, before.application).ticket)
    given_up, rest = conclusion.state is State.GIVEN_UP, before.amount - conclusion.done
    if not applications.of_several(step.db, before.application):
        return
    if given_up:
        # what may still be approved keeps its own application
        applications.open_again(step, before.application)
    elif before.kind is Kind.REFUND and 0 < rest < before.amount:
        applications.open_rest(step, before.application, rest)


def _was_done(step: Step, before: Refund) -> None:
    """The money went out beside a balance that was free again."""
    applications.change(step, before.application, ApplicationState.DONE, (ApplicationState.FAILED,))


def commit_cash(step: Step, number: int, slips: Slips) -> Refund:
    """A cash leg: balance spent, slips queued, to be handed over.

    Failure ``ledger.balance`` or ``ledger.lines``.
    """
    refund = commit_at_once(step, number, Kind.CASH, State.TO_HAND_OVER)
    queue(step, slips(refund) if callable(slips) else slips, refund.refund_id, number)
    return refund


def commit_cash_legs(step: Step, legs: Sequence[tuple[int, Slips]]) -> Sequence[Refund]:
    """All cash legs of a ticket, or none of them. Failures as of ``commit_cash``."""
    return [commit_cash(step, number, slips) for number, slips in legs]


def book_points(step: Step, number: int, slips: Slips) -> Refund:
    """A leg paid in points: balance spent, the movement for the till, slips queued.

    Failure ``ledger.balance`` or ``ledger.lines``.
    """
    refund = commit_at_once(step, number, Kind.POINTS, State.BOOKED)
    stock.add_points(step, refund)
    queue(step, slips(refund) if callable(slips) else slips, refund.refund_id, number)
    return refund


def commit_form(step: Step, number: int, slips: Slips) -> Refund:
    """A manual refund: its amount and goods are held until somebody tells what came of it.

    Failure ``ledger.balance``, ``ledger.lines``, ``ledger.sale_open``.
    """
    application = applications.load(step.db, number)
    if application.kind is not Kind.MANUAL:
        raise ValueError(f"application {number} is no {Kind.MANUAL}")
    applications.change(step, number, ApplicationState.SEALED, (ApplicationState.OPEN,))
    may_go(step, application)
    sales.hold(step, application)  # before its row: no hold but a form's may lie on the sale
    refund = refunds.add(step, application, State.FORM_PRINTED, None)
    refunds.log(step, refund)
    queue(step, slips(refund) if callable(slips) else slips, refund.refund_id, number)
    return refund


def commit_at_once(
    step: Step,
    number: int,
    kind: Kind,
    state: State,
    may: Callable[[Step, Application], None] = may_go,
) -> Refund:
    """A refund that no acquirer is asked for: balance and goods are spent with it. ``may`` says
    what must hold.

    Failure ``ledger.balance`` or ``ledger.lines``.
    """
    application = applications.load(step.db, number)
    if application.kind is not kind:
        raise ValueError(f"application {number} is no {kind}")
    opened = (ApplicationState.OPEN,)
    applications.change(step, number, ApplicationState.DONE, opened, kept=False)
    may(step, application)
    refund = refunds.add(step, application, state, None)
    sales.spend(step, application)
    stock.add_goods(step, refund)
    applications.end_spent(step, application.ticket)
    cases.gave_more(step, refund, refund.done)
    cases.gave_again(step, refund, refund.done)
    refunds.log(step, refund)
    return refund
