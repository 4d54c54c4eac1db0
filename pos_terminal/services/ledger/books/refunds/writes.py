"""What is written of refunds; their sales, messages and slips are other books'."""

from __future__ import annotations

import sqlite3
from typing import Final

import msgspec

from pos_terminal.core.refund import (
    HOLDING,
    PAID,
    CardMatch,
    IllegalMove,
    Kind,
    Refund,
    State,
    move,
)
from pos_terminal.core.sale import Funding
from pos_terminal.core.words import Failure
from pos_terminal.ports import AnswerFacts, Application, Conclusion, Evidence, Payee
from pos_terminal.services.ledger.books import sales
from pos_terminal.services.ledger.books.applications import STANDS
from pos_terminal.services.ledger.books.refunds.reads import load, refund_of
from pos_terminal.services.ledger.books.refunds.tables import account_mark, card_mark
from pos_terminal.services.ledger.step import Step


def add(
    step: Step,
    application: Application,
    state: State,
    card: Payee | None,
    *,
    trace: str | None = None,
    batch: str | None = None,
) -> Refund:
    """A refund's row without its message; with the STAN and the batch that were drawn for it."""
    (row,) = step.db.execute(
        """INSERT INTO refunds (application, sale_key, leg, seq, kind, state, amount, done,
        currency, operator, masked, scheme, funding, match, token, par, stan, batch, original_rrn,
        sealed_at, sealed_ts, sealed_on)
        SELECT ?, sale_key, ?, (SELECT coalesce(max(seq), 0) + 1 FROM refunds r
            WHERE r.sale_key = s.sale_key), ?, ?, ?, ?, currency,
        ?, ?, ?, ?, ?, ?, ?, ?, ?, iif(t.paid_at IS NULL, s.rrn, t.rrn), ?,
        ?, ? FROM sales s JOIN tenders t USING (sale_key)
        WHERE s.sale_key = ? AND t.leg = ? RETURNING *""",
        (
            *(application.number, application.leg, application.kind, state, application.amount),
            application.amount if state in PAID else 0,
            application.operator,
            card.masked if card else None,
            card.scheme if card else "",
            card.funding if card else Funding.UNKNOWN,
            card.match if card else CardMatch.NONE,
            card.token.lower() if card and card.token else None,
            card.par if card else None,
            *(trace, batch),
            step.now.isoformat(),
            int(step.now.timestamp()),
            step.now.date().isoformat(),
            application.sale_key,
            application.leg,
        ),
    ).fetchall()
    return refund_of(row)


_ROW: Final = f"""SELECT r.*, {STANDS} AS stands FROM refunds r
    JOIN applications a ON a.number = r.application WHERE refund_id = ?"""


def log(step: Step, refund: Refund, *, request: str | None = None) -> None:
    """What the refund became: the audit log is held against the table by it.

    ``request``: the mark of its message, in the entry of the seal.
    """
    row = step.db.execute(_ROW, (refund.refund_id,)).fetchone()
    sealed: dict[str, str] = {} if request is None else {"request": request}
    step.log(
        "refund",
        refund=refund.refund_id,
        application=refund.application,
        sale=sales.name_of(step.db, refund.sale_key),
        sale_key=refund.sale_key,
        leg=refund.leg,
        refund_kind=refund.kind,
        state=refund.state,
        amount=refund.amount,
        done=refund.done,
        operator=refund.operator,
        card=card_mark(step.audit_key, row),
        account=account_mark(step.audit_key, row),
        stan=refund.stan,
        batch=refund.batch,
        rrn=refund.rrn,
        response=refund.response,
        cause=refund.cause,
        repeats=refund.repeats,
        seq=refund.seq,
        currency=refund.currency,
        scheme=refund.scheme,
        match=refund.match,
        auth_code=refund.auth_code,
        flagged=int(refund.flagged),
        funding=row["funding"],
        original_rrn=row["original_rrn"],
        sealed_at=row["sealed_at"],
        concluded_at=row["concluded_at"],
        stands=row["stands"],
        **sealed,
    )


def _told_numbers(evidence: Evidence | None) -> AnswerFacts:
    """RRN and authorisation code, as far as the acquirer's file has them."""
    rrn, auth_code = (evidence.rrn, evidence.auth_code) if evidence is not None else ("", "")
    return AnswerFacts(None, rrn or None, auth_code or None, None, None, {})


def conclude(step: Step, before: Refund, conclusion: Conclusion) -> Refund:
    """The row of what it became. Raises IllegalMove where it moved meanwhile."""
    answer = conclusion.answer or _told_numbers(conclusion.evidence)
    closed = conclusion.state not in HOLDING
    rows = step.db.execute(
        """UPDATE refunds SET state = ?, done = ?, rrn = coalesce(?, rrn),
        auth_code = coalesce(?, auth_code), response = coalesce(?, response),
        cause = coalesce(?, cause), answer = coalesce(?, answer),
        reversal = coalesce(?, reversal), flagged = max(flagged, ?),
        concluded_at = ? WHERE refund_id = ? AND state = ? RETURNING *""",
        (
            conclusion.state,
            conclusion.done,
            answer.rrn,
            answer.auth_code,
            answer.response,
            conclusion.cause,
            _kept(conclusion.answer),
            _kept(conclusion.reversal),
            int(conclusion.flagged),
            step.now.isoformat() if closed else None,
            before.refund_id,
            before.state,
        ),
    ).fetchall()
    if not rows:
        raise IllegalMove(before.state, conclusion.state)
    return refund_of(rows[0])


def _kept(answer: AnswerFacts | None) -> str | None:
    return None if answer is None else msgspec.json.encode(answer).decode()


def count_repeat(step: Step, refund_id: int) -> int:
    """One more repeat or reversal try; the new count."""
    step.db.execute("UPDATE refunds SET repeats = repeats + 1 WHERE refund_id = ?", (refund_id,))
    refund = load(step.db, refund_id)
    log(step, refund)
    return refund.repeats


def handed_over(step: Step, refund_id: int, operator: str) -> Refund:
    """The clerk confirms that the customer has the money (R36)."""
    before = load(step.db, refund_id)
    state = move(before.state, State.HANDED_OVER)
    changed = step.db.execute(
        "UPDATE refunds SET state = ?, concluded_at = ? WHERE refund_id = ? AND state = ?",
        (state, step.now.isoformat(), refund_id, before.state),
    ).rowcount
    if changed != 1:
        raise IllegalMove(before.state, state)
    refund = load(step.db, refund_id)
    log(step, refund)
    step.log("handed_over", refund=refund_id, operator=operator)
    return refund


def take(step: Step, refund_id: int, amount: int) -> None:
    """So much of what is set aside is given back; its entry is the caller's."""
    changed = step.db.execute(
        f"""UPDATE refunds SET done = done + ? WHERE refund_id = ?
        AND state = '{State.SET_ASIDE}'""",
        (amount, refund_id),
    ).rowcount
    if changed != 1:
        raise IllegalMove(load(step.db, refund_id).state, State.SET_ASIDE)


def settle(step: Step, refund_id: int) -> Refund:
    """Nothing of it is set aside any more; its entry is the caller's."""
    before = load(step.db, refund_id)
    step.db.execute(
        "UPDATE refunds SET state = ?, concluded_at = ? WHERE refund_id = ?",
        (move(before.state, State.SETTLED), step.now.isoformat(), refund_id),
    )
    return load(step.db, refund_id)


def come_back(step: Step, before: Refund) -> Refund:
    """What it had given back came back; its entry is the caller's. Raises IllegalMove."""
    state = move(before.state, State.RETURNED, told=True)
    rows = step.db.execute(
        """UPDATE refunds SET state = ?, concluded_at = ? WHERE refund_id = ? AND state = ?
        RETURNING *""",
        (state, step.now.isoformat(), before.refund_id, before.state),
    ).fetchall()
    if not rows:
        raise IllegalMove(before.state, state)
    return refund_of(rows[0])


def drawer_opened(step: Step, refund_id: int, operator: str) -> None:
    """Durable before the pulse, so that a retry knows of it."""
    changed = step.db.execute(
        "UPDATE refunds SET drawer = drawer + 1 WHERE refund_id = ? AND kind = ?",
        (refund_id, Kind.CASH),
    ).rowcount
    if changed != 1:
        raise Failure("ledger.no_cash", refund=refund_id)
    step.log("drawer", refund=refund_id, operator=operator)


def number_behind(db: sqlite3.Connection, sale_key: int) -> int:
    """The last number that a refund of this sale has; 0 where it has none."""
    sql = "SELECT coalesce(max(seq), 0) FROM refunds WHERE sale_key = ?"
    return int(db.execute(sql, (sale_key,)).fetchone()[0])


def go_over(step: Step, typed: int, into: sales.Into) -> None:
    """Refunds of a typed sale are of the till's, and of its leg."""
    step.db.execute(
        "UPDATE refunds SET sale_key = ?, leg = ?, seq = seq + ? WHERE sale_key = ?",
        (into.sale_key, into.leg, into.seq, typed),
    )
