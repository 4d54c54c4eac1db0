"""How a case ends: by itself once the outcome is known, else by people, with a reference."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Final

from msgspec.structs import asdict, astuple

from pos_terminal.core.case import (
    ABOUT_UNKNOWN,
    CaseKind,
    CaseState,
    PaidTwice,
    PaidUnknown,
    ToldElsewhere,
    TypedDiffers,
    locks,
    supervisors_to_close,
)
from pos_terminal.core.effect import Effect
from pos_terminal.core.refund import HOLDING, OPEN, Refund
from pos_terminal.core.sale import SaleState
from pos_terminal.core.sale_event import SaleEvent
from pos_terminal.core.words import Failure
from pos_terminal.ports import Case, Closing
from pos_terminal.services.ledger.audit import mark
from pos_terminal.services.ledger.books import refunds, sales
from pos_terminal.services.ledger.books.cases.reads import load
from pos_terminal.services.ledger.names import among
from pos_terminal.services.ledger.step import Step

_REST: Final = f"""WITH closed AS (SELECT c.counted,
    iif(k.kind NOT IN {among((CaseKind.ELSEWHERE, CaseKind.TYPED_DIFFERS))}
        OR k.facts ->> 'event' = '{SaleEvent.REFUNDED_ELSEWHERE}',
        iif(c.one_payment OR {sales.ASKED}, c.counted, k.over), 0) AS over
    FROM closings c JOIN cases k USING (case_id) LEFT JOIN refunds r USING (refund_id)
    WHERE k.sale_key = :sale_key AND coalesce(r.leg, k.facts ->> 'leg') = :leg)
    SELECT coalesce(sum(over), 0) - coalesce(sum(counted), 0)
    - (SELECT coalesce(sum(min(o.done, r.done) - o.free), 0) FROM outcomes o
        JOIN refunds r USING (refund_id) WHERE r.sale_key = :sale_key AND r.leg = :leg
        AND o.effect = '{Effect.RETURNED}')
    - (SELECT coalesce(sum(e.counted), 0) FROM feed_events e JOIN sales USING (sale_id)
        WHERE sale_key = :sale_key AND e.leg = :leg AND e.kind = '{SaleEvent.ADJUSTED}') AS rest
    FROM closed"""
"""Paid by closed cases, less what the balance took of it at their closing and since. What another
sale had counted, and this one has no room for, stays there."""


def close_unknown(step: Step, refund_id: int, state: str) -> None:
    """The outcome is known: nobody needs to ask for it any more."""
    closed = step.db.execute(
        f"""UPDATE cases SET state = '{CaseState.CLOSED}', closed_at = ?
        WHERE refund_id = ? AND kind IN {among(ABOUT_UNKNOWN)} AND state = '{CaseState.OPEN}'
        RETURNING case_id""",
        (step.now.isoformat(), refund_id),
    )
    for (number,) in closed.fetchall():
        step.log("case_closed", number=number, refund=refund_id, state=state)


def close_exchange_told(step: Step, ticket: int, *, all_taken: bool, all_told: bool) -> None:
    """Of this ticket's exchange credit: those about what was not taken where tills have taken by
    now what sales say that it paid, else of sales that were voided since; those about what no sale
    says where sales say all of it."""
    closed = step.db.execute(
        f"""UPDATE cases SET state = '{CaseState.CLOSED}', closed_at = :now
        WHERE state = '{CaseState.OPEN}' AND facts ->> 'ticket' = :ticket
        AND (kind = '{CaseKind.EXCHANGE_NOT_TOLD}' AND :all_told
            OR kind = '{CaseKind.EXCHANGE_NOT_REDEEMED}' AND (:all_taken OR EXISTS (SELECT 1
            FROM sales s WHERE s.sale_key = cases.sale_key AND s.state = '{SaleState.VOIDED}')))
        RETURNING case_id, sale_key""",
        {
            "now": step.now.isoformat(),
            "ticket": ticket,
            "all_taken": all_taken,
            "all_told": all_told,
        },
    )
    for number, sale_key in closed.fetchall():
        step.log("case_closed", number=number, sale_key=sale_key, all_taken=all_taken)


def close_unclear(step: Step, sale_key: int, told: str) -> None:
    """What was taken explains the payment by now, or the till has voided its sale."""
    closed = step.db.execute(
        f"""UPDATE cases SET state = '{CaseState.CLOSED}', closed_at = ?
        WHERE state = '{CaseState.OPEN}' AND kind = '{CaseKind.EXCHANGE_NOT_REDEEMED}'
        AND sale_key = ? AND told = ? RETURNING case_id""",
        (step.now.isoformat(), sale_key, told),
    )
    for (number,) in closed.fetchall():
        step.log("case_closed", number=number, sale_key=sale_key)


def close(step: Step, case_id: int, closing: Closing) -> Case:
    """By people. Failure ``cases.…``; ValueError where it is not theirs to close."""
    case = load(step.db, case_id)
    if not case.open:
        raise Failure("cases.closed", number=case_id)
    refund = None if case.refund_id is None else refunds.load(step.db, case.refund_id)
    if refund is not None and refund.state in OPEN:
        raise Failure("cases.outcome_open", number=case_id)
    _check_people(case, refund, closing)
    counted = 0
    if closing.one_payment:
        if not (isinstance(case.facts, PaidTwice) and case.facts.perhaps_one):
            raise ValueError("the acquirer itself tells of two payments")
    elif case.over and refund is not None:
        counted = _count_in(step, refund.sale_key, refund.leg, case.over)
    elif isinstance(case.facts, ToldElsewhere):
        counted = _count_elsewhere(step, case, case.facts, theirs=closing.theirs)
    elif isinstance(case.facts, PaidUnknown):
        counted = _count_in(step, case.sale_key, case.facts.leg, case.over)
    elif isinstance(case.facts, TypedDiffers) and case.sale_key is not None:
        _count_in(step, case.sale_key, case.facts.leg, 0)
        sales.settle_total(step, case.sale_key, case.facts.leg)
    _store_closing(step, case, closing, counted)
    if locks(case.kind, case.over) and case.sale_key is not None:
        sales.unlock(step, case.sale_key, case_id)
    return load(step.db, case_id)


def _check_people(case: Case, refund: Refund | None, closing: Closing) -> None:
    makers = {closing.operator, *(() if refund is None else (refund.operator,))}
    people = {one.supervisor for one in closing.approvals} - makers
    if not len(people) == len(closing.approvals) == supervisors_to_close(case.kind, case.over):
        raise ValueError("a case is closed by people other than who made it")


def _count_elsewhere(step: Step, case: Case, facts: ToldElsewhere, *, theirs: bool) -> int:
    """What came free since is taken after all, as far as it was paid; minor units."""
    if case.sale_key is None or not facts.leg:
        return 0
    first = sales.first_of(step.db, case.case_id)
    sales.settle_total(step, case.sale_key, facts.leg)
    if first is not None:
        return _count_of_one(step, case.sale_key, facts.leg, first, 0 if theirs else case.over)
    refunded = facts.event is SaleEvent.REFUNDED_ELSEWHERE
    over = _rest(step.db, case.sale_key, facts.leg) + (case.over if refunded else 0)
    return _count_in(step, case.sale_key, facts.leg, over)


def _count_of_one(step: Step, sale_key: int, leg: int, first: sales.First, over: int) -> int:
    """So much of what the first sale with this reference has given back is counted on this leg, and
    is off that one: it is of one payment. Minor units."""
    _count_in(step, first.sale_key, first.leg, 0)  # an open refund of it may come free
    counted = _count_in(step, sale_key, leg, min(over, first.given))
    sales.take_off(step, first.sale_key, first.leg, counted)
    return counted


def free_of(step: Step, sale_key: int, leg: int, amount: int) -> int:
    """Of so much that came back of this leg, what it has again: the rest is what closed cases found
    no room for. Minor units."""
    return max(0, amount - _rest(step.db, sale_key, leg))


def take_rest(step: Step, sale_key: int, leg: int) -> int:
    """A leg is larger than it was: what closed cases found no room for is counted now; minor units.

    Nothing is left of such a leg (R32) until its total is above all that was given back of it.
    """
    return sales.count_what_fits(step, sale_key, leg, _rest(step.db, sale_key, leg))


def _rest(db: sqlite3.Connection, sale_key: int, leg: int) -> int:
    """Of what was paid beside the balance by closed cases of this leg, what is not counted yet."""
    row = db.execute(_REST, {"sale_key": sale_key, "leg": leg}).fetchone()
    return max(0, int(row["rest"]))


def _count_in(step: Step, sale_key: int | None, leg: int, over: int) -> int:
    """``over``, or less, out of the balance, as far as it reaches: minor units.

    Failure ``cases.leg_open`` while another refund of the leg is open: what it holds may come
    free again, and would then be given back beside the overpayment.
    """
    row = step.db.execute(
        f"""SELECT amount - done - held AS room, EXISTS (SELECT 1 FROM refunds r WHERE
        r.sale_key = t.sale_key AND r.leg = t.leg AND r.state IN {among(HOLDING)}) AS busy
        FROM tenders t WHERE sale_key = ? AND leg = ?""",
        (sale_key, leg),
    ).fetchone()
    if row is None or sale_key is None:
        return 0
    if row["busy"]:
        raise Failure("cases.leg_open")
    counted = min(over, int(row["room"]))
    sales.count_in(step, sale_key, leg, counted)
    return counted


def _store_closing(step: Step, case: Case, closing: Closing, counted: int) -> None:
    first, *others = closing.approvals
    second = others[0] if others else None
    step.db.execute(
        f"UPDATE cases SET state = '{CaseState.CLOSED}', closed_at = ? WHERE case_id = ?",
        (step.now.isoformat(), case.case_id),
    )
    step.db.execute(
        """INSERT INTO closings (case_id, at, reference, operator, first, first_name, second,
        second_name, counted, one_payment, cause, loss_shop, loss_customer, loss_acquirer)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""",
        (
            *(case.case_id, step.now.isoformat(), closing.reference, closing.operator),
            *(first.supervisor, first.name),
            *((None, None) if second is None else (second.supervisor, second.name)),
            *(counted, int(closing.one_payment), closing.cause, *astuple(closing.loss)),
        ),
    )
    step.log(
        "closing",
        number=case.case_id,
        case=case.kind,
        reference=closing.reference,
        operator=closing.operator,
        first=first.supervisor,
        second=None if second is None else second.supervisor,
        names=name_marks(step.audit_key, case.case_id, [one.name for one in closing.approvals]),
        counted=counted,
        one_payment=int(closing.one_payment),
        cause=closing.cause,
        **asdict(closing.loss),
    )


def name_marks(key: bytes, case_id: int, names: Sequence[str]) -> str:
    """Stands for them in the log, which keeps its facts longer than names."""
    return mark(key, "closed by", case_id, *names)
