"""Conclude, and the commits of every other outcome; cash legs."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from pos_terminal.core.application import ApplicationState
from pos_terminal.core.case import OutcomeFacts
from pos_terminal.core.cause import Cause
from pos_terminal.core.refund import HOLDING, PAID, IllegalMove, Kind, Refund, State, move
from pos_terminal.core.words import Failure
from pos_terminal.ports import (
    AnswerFacts,
    CardFacts,
    Conclusion,
    Drawn,
    Evidence,
    Finding,
    Sealed,
    Slips,
)
from pos_terminal.services.ledger import applications, items, jobs, slots
from pos_terminal.services.ledger.cases import close_unknown, open_case
from pos_terminal.services.ledger.rows import refund_of
from pos_terminal.services.ledger.sealing import (
    check_balance,
    insert_refund,
    load,
    log_refund,
    seal,
)
from pos_terminal.services.ledger.writer import Desk
from pos_terminal.wire.iso8583.message import Message

_APPLICATION = {
    State.ACCEPTED: ApplicationState.DONE,
    State.NOT_SENT: ApplicationState.FAILED,
    State.DECLINED: ApplicationState.FAILED,
    State.REVERSED: ApplicationState.FAILED,
    State.GIVEN_UP: ApplicationState.FAILED,
}


def conclude(desk: Desk, refund_id: int, conclusion: Conclusion) -> Refund:
    """One outcome, in one commit. Raises IllegalMove; ValueError where amount and state differ."""
    before = load(desk.db, refund_id)
    finding, evidence = conclusion.finding, conclusion.evidence
    told = finding is not None or evidence is not None
    state = move(before.state, conclusion.state, told=told)
    _check_amount(before, conclusion)
    after = _update(desk, before, conclusion)
    if finding is not None:
        _keep_finding(desk, before, finding, conclusion)
    if evidence is not None:
        _keep_evidence(desk, before, evidence, conclusion)
    if before.state in HOLDING and state not in HOLDING:
        _release(desk, before, conclusion)
        close_unknown(desk, refund_id, state.value)
    if state is State.OVERPAID:
        _lock(desk, before)
    jobs.queue(desk, conclusion.slips, refund_id, before.application)
    if conclusion.case is not None:
        facts = OutcomeFacts(conclusion.cause, conclusion.state)
        open_case(desk, refund_id, conclusion.case, facts)
    log_refund(desk, after)
    return after


def seal_anew(
    desk: Desk, refund_id: int, cause: Cause, card: CardFacts, build: Callable[[Drawn], Message]
) -> Sealed:
    """The same application under another STAN; the first request was surely not taken."""
    burnt = conclude(desk, refund_id, Conclusion(State.NOT_SENT, cause=cause))
    return seal(desk, burnt.application, card, build)


def _check_amount(before: Refund, conclusion: Conclusion) -> None:
    right = (
        0 < conclusion.done <= before.amount if conclusion.state in PAID else conclusion.done == 0
    )
    if before.kind is Kind.VOID and conclusion.done not in (0, before.amount):
        right = False  # a void is in full
    if not right:
        raise ValueError(f"{conclusion.done} given back as {conclusion.state}")


def _told_numbers(evidence: Evidence | None) -> AnswerFacts:
    """RRN and authorisation code, as far as the acquirer's file has them."""
    rrn, auth_code = (evidence.rrn, evidence.auth_code) if evidence is not None else ("", "")
    return AnswerFacts(None, rrn or None, auth_code or None, None, None, {})


def _update(desk: Desk, before: Refund, conclusion: Conclusion) -> Refund:
    answer = conclusion.answer or _told_numbers(conclusion.evidence)
    closed = conclusion.state not in HOLDING
    kept = None if conclusion.answer is None else msgspec.json.encode(answer).decode()
    rows = desk.db.execute(
        """UPDATE refunds SET state = ?, done = ?, rrn = coalesce(?, rrn),
        auth_code = coalesce(?, auth_code), response = coalesce(?, response),
        cause = coalesce(?, cause), answer = coalesce(?, answer), flagged = max(flagged, ?),
        concluded_at = ? WHERE refund_id = ? AND state = ? RETURNING *""",
        (
            conclusion.state,
            conclusion.done,
            answer.rrn,
            answer.auth_code,
            answer.response,
            conclusion.cause,
            kept,
            int(conclusion.flagged),
            desk.now.isoformat() if closed else None,
            before.refund_id,
            before.state,
        ),
    ).fetchall()
    if not rows:
        raise IllegalMove(before.state, conclusion.state)
    return refund_of(rows[0])


def _release(desk: Desk, before: Refund, conclusion: Conclusion) -> None:
    """Hold → spent or free; the card data and the void's reversal are done with."""
    desk.db.execute(
        "UPDATE tenders SET held = held - ?, done = done + ? WHERE sale_id = ? AND leg = ?",
        (before.amount, conclusion.done, before.sale_id, before.leg),
    )
    items.release(desk, before.application, returned=conclusion.done > 0)
    if before.kind is Kind.VOID and conclusion.state is State.ACCEPTED:
        # a split sale stands on with its other legs
        desk.db.execute(
            """UPDATE sales SET state = 'voided' WHERE sale_id = ? AND NOT EXISTS
            (SELECT 1 FROM tenders WHERE sale_id = ? AND done < amount)""",
            (before.sale_id, before.sale_id),
        )
    slots.spend(desk, before.refund_id)
    kept = conclusion.keep and conclusion.state is State.DECLINED
    state = ApplicationState.OPEN if kept else _APPLICATION[conclusion.state]
    why = conclusion.cause or ""
    sealed = (ApplicationState.SEALED,)
    applications.change(desk, before.application, state, sealed, kept=kept, why=why)


def _keep_finding(desk: Desk, before: Refund, finding: Finding, conclusion: Conclusion) -> None:
    """Two people's word and the acquirer's reference. ValueError where it is not theirs to give."""
    first, second = finding.approvals
    operators = {finding.operator, before.operator}
    if {first.supervisor, second.supervisor} & operators or first.supervisor == second.supervisor:
        raise ValueError("two people other than the operator conclude an unknown outcome")
    if finding.done != conclusion.done:
        raise ValueError(f"{conclusion.done} is not what people found")
    desk.db.execute(
        """INSERT INTO findings (refund_id, paid, done, reference, operator, first, first_name,
        first_at, second, second_name, second_at, amount)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""",
        (
            *(before.refund_id, int(finding.paid), finding.done),
            *(finding.reference, finding.operator),
            *(first.supervisor, first.name, first.at.isoformat()),
            *(second.supervisor, second.name, second.at.isoformat()),
            before.amount,
        ),
    )
    desk.log(
        "finding",
        refund=before.refund_id,
        paid=int(finding.paid),
        done=finding.done,
        reference=finding.reference,
        operator=finding.operator,
        first=first.supervisor,
        second=second.supervisor,
        amount=before.amount,
    )


def _keep_evidence(desk: Desk, before: Refund, evidence: Evidence, conclusion: Conclusion) -> None:
    """The line of the acquirer's file, which is stored with its file. ValueError as above."""
    if evidence.done != conclusion.done:
        raise ValueError(f"{conclusion.done} is not what the file tells")
    desk.log(
        "evidence",
        refund=before.refund_id,
        paid=int(evidence.paid),
        done=evidence.done,
        reference=evidence.reference,
        source=evidence.source,
        line=evidence.line,
        digest=evidence.digest,
    )


def _lock(desk: Desk, before: Refund) -> None:
    """The money went out beside a balance that was free again: nothing more of this sale."""
    lock_sale(desk, before.refund_id)
    applications.change(desk, before.application, ApplicationState.DONE, (ApplicationState.FAILED,))


def lock_sale(desk: Desk, refund_id: int) -> None:
    """Nothing more of the sale of this refund, until people close its case."""
    sale_id = load(desk.db, refund_id).sale_id
    desk.db.execute("UPDATE sales SET locked = 1 WHERE sale_id = ?", (sale_id,))
    desk.log("sale_locked", sale=sale_id, refund=refund_id)


def count_repeat(desk: Desk, refund_id: int) -> int:
    """One more repeat or reversal try; the new count."""
    desk.db.execute("UPDATE refunds SET repeats = repeats + 1 WHERE refund_id = ?", (refund_id,))
    refund = load(desk.db, refund_id)
    log_refund(desk, refund)
    return refund.repeats


def commit_cash(desk: Desk, number: int, slips: Slips) -> Refund:
    """A cash leg: balance spent, slips queued, to be handed over.

    Failure ``ledger.balance`` or ``ledger.lines``.
    """
    refund = commit_at_once(desk, number, Kind.CASH, State.TO_HAND_OVER)
    jobs.queue(desk, slips(refund) if callable(slips) else slips, refund.refund_id, number)
    return refund


def commit_at_once(desk: Desk, number: int, kind: Kind, state: State) -> Refund:
    """A refund that no acquirer is asked for: balance and goods are spent with it.

    Failure ``ledger.balance`` or ``ledger.lines``.
    """
    application = applications.load(desk.db, number)
    if application.kind is not kind:
        raise ValueError(f"application {number} is no {kind}")
    applications.change(desk, number, ApplicationState.DONE, (ApplicationState.OPEN,))
    check_balance(desk.db, application)
    refund = insert_refund(desk, application, state, None)
    desk.db.execute(
        "UPDATE tenders SET done = done + ? WHERE sale_id = ? AND leg = ?",
        (application.amount, application.sale_id, application.leg),
    )
    items.give_back(desk, number)
    log_refund(desk, refund)
    return refund


def handed_over(desk: Desk, refund_id: int, operator: str) -> Refund:
    """The clerk confirms that the customer has the money (R36)."""
    before = load(desk.db, refund_id)
    state = move(before.state, State.HANDED_OVER)
    changed = desk.db.execute(
        "UPDATE refunds SET state = ?, concluded_at = ? WHERE refund_id = ? AND state = ?",
        (state, desk.now.isoformat(), refund_id, before.state),
    ).rowcount
    if changed != 1:
        raise IllegalMove(before.state, state)
    refund = load(desk.db, refund_id)
    log_refund(desk, refund)
    desk.log("handed_over", refund=refund_id, operator=operator)
    return refund


def drawer_opened(desk: Desk, refund_id: int, operator: str) -> None:
    """Durable before the pulse, so that a retry knows of it."""
    changed = desk.db.execute(
        "UPDATE refunds SET drawer = drawer + 1 WHERE refund_id = ? AND kind = 'cash'",
        (refund_id,),
    ).rowcount
    if changed != 1:
        raise Failure("ledger.no_cash", refund=refund_id)
    desk.log("drawer", refund=refund_id, operator=operator)
