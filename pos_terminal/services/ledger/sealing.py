"""Seal: the durable intent. Refund, hold, STAN, message and card data become one commit (R31).

The first byte to the acquirer leaves only after it. The message is stored without its secrets;
card number and expiry lie sealed beside it under a key of that record alone (R54). A void's
reversal is armed with it: from here on it is owed to the acquirer until the conclusion clears it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable

from pos_terminal.core.application import ApplicationState
from pos_terminal.core.refund import CardMatch, Kind, Refund, State
from pos_terminal.core.words import Failure
from pos_terminal.ports import Application, CardFacts, Drawn, Sealed
from pos_terminal.services.ledger import applications
from pos_terminal.services.ledger.books import counter, messages, sales
from pos_terminal.services.ledger.books.refunds import card_mark
from pos_terminal.services.ledger.rows import refund_of
from pos_terminal.services.ledger.step import Step
from pos_terminal.wire.iso8583.message import Message


def load(db: sqlite3.Connection, refund_id: int) -> Refund:
    """KeyError for a refund that never was."""
    row = db.execute("SELECT * FROM refunds WHERE refund_id = ?", (refund_id,)).fetchone()
    if row is None:
        raise KeyError(refund_id)
    return refund_of(row)


def seal(step: Step, number: int, card: CardFacts, build: Callable[[Drawn], Message]) -> Sealed:
    """Seal. Failure ``ledger.balance``, ``.sale_open``, ``.application``, …: no change."""
    if step.vault is None:
        raise Failure("ledger.no_keys")
    application = applications.load(step.db, number)
    if application.kind not in (Kind.REFUND, Kind.VOID):
        raise ValueError(f"{application.kind} is committed, not sealed")
    _begin(step, application)
    trace, batch = counter.draw(step)
    refund = insert_refund(step, application, State.SEALED, card, trace=trace, batch=batch)
    message = build(Drawn(refund.refund_id, trace, batch, step.now))
    messages.check(message, trace, card)
    messages.store(step, refund.refund_id, message, armed=application.kind is Kind.VOID)
    sales.hold(step, application)
    log_refund(step, refund)
    return Sealed(refund, message)


def _begin(step: Step, application: Application) -> None:
    """The application may go on, and the balance covers it."""
    last = step.db.execute(
        "SELECT state FROM refunds WHERE application = ? ORDER BY refund_id DESC LIMIT 1",
        (application.number,),
    ).fetchone()
    again = last is not None and last["state"] == State.NOT_SENT
    allowed = [ApplicationState.OPEN, *([ApplicationState.FAILED] if again else [])]
    applications.change(step, application.number, ApplicationState.SEALED, allowed, kept=False)
    sales.check_balance(step.db, application)


def insert_refund(
    step: Step,
    application: Application,
    state: State,
    card: CardFacts | None,
    *,
    trace: str | None = None,
    batch: str | None = None,
) -> Refund:
    """A refund's row without its message; with the STAN and the batch that were drawn for it."""
    (row,) = step.db.execute(
        """INSERT INTO refunds (application, sale_id, leg, seq, kind, state, amount, done, currency,
        operator, masked, scheme, funding, match, token, stan, batch, original_rrn, sealed_at,
        sealed_ts, sealed_on)
        SELECT ?, sale_id, ?, (SELECT coalesce(max(seq), 0) + 1 FROM refunds r
            WHERE r.sale_id = s.sale_id), ?, ?, ?, ?, currency,
        ?, ?, ?, ?, ?, ?, ?, ?, rrn, ?,
        ?, ? FROM sales s WHERE sale_id = ? RETURNING *""",
        (
            *(application.number, application.leg, application.kind, state, application.amount),
            application.amount if card is None else 0,
            application.operator,
            card.pan.masked if card else None,
            card.scheme if card else "",
            card.funding if card else "unknown",
            card.match if card else CardMatch.NONE,
            card.token.lower() if card else None,
            *(trace, batch),
            step.now.isoformat(),
            int(step.now.timestamp()),
            step.now.date().isoformat(),
            application.sale_id,
        ),
    ).fetchall()
    return refund_of(row)


def log_refund(step: Step, refund: Refund) -> None:
    """What the refund became: the audit log is held against the table by it."""
    step.log(
        "refund",
        refund=refund.refund_id,
        application=refund.application,
        sale=refund.sale_id,
        leg=refund.leg,
        refund_kind=refund.kind,
        state=refund.state,
        amount=refund.amount,
        done=refund.done,
        operator=refund.operator,
        card=card_mark(step.audit_key, refund.refund_id, refund.masked),
        stan=refund.stan,
        batch=refund.batch,
        rrn=refund.rrn,
        response=refund.response,
        cause=refund.cause,
        repeats=refund.repeats,
    )
