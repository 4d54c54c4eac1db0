"""Seal: the durable intent. Refund, hold, STAN, message and card data become one commit (R31).

The first byte to the acquirer leaves only after it. The message is stored without its secrets;
card number and expiry lie sealed beside it under a key of that record alone (R54). A void's
reversal is armed with it: from here on it is owed to the acquirer until the conclusion clears it.
"""

from __future__ import annotations

from collections.abc import Callable

from pos_terminal.core.application import ApplicationState
from pos_terminal.core.refund import Kind, State
from pos_terminal.core.words import Failure
from pos_terminal.ports import Application, Drawn, Payee, Sealed
from pos_terminal.services.ledger.books import (
    applications,
    counter,
    messages,
    refunds,
    sales,
)
from pos_terminal.services.ledger.books.applications import serials
from pos_terminal.services.ledger.may_go import may_go
from pos_terminal.services.ledger.step import Step
from pos_terminal.wire.iso8583.message import Message


def seal(
    step: Step,
    number: int,
    card: Payee | None,
    build: Callable[[Drawn], Message],
    *,
    again: bool = False,
) -> Sealed:
    """Seal; ``card`` is None for a leg that needs none. ``again``: under another STAN, in the
    commit that ended the first one.

    Failure ``ledger.balance``, ``.not_in_full``, ``.sale_open``, ``.application``, …: no change.
    """
    if step.vault is None:
        raise Failure("ledger.no_keys")
    application = applications.load(step.db, number)
    if application.kind not in (Kind.REFUND, Kind.VOID):
        raise ValueError(f"{application.kind} is committed, not sealed")
    again |= _begin(step, application)
    if card is not None and card.decision is not None and not again:
        applications.keep_decision(step, number, card.decision)
    trace, batch = counter.draw(step)
    if application.kind is Kind.VOID:
        sales.check_batch(step.db, application, step.home, batch)
    refund = refunds.add(step, application, State.SEALED, card, trace=trace, batch=batch)
    message = build(Drawn(refund.refund_id, trace, batch, step.now))
    messages.check(message, trace, card)
    armed = application.kind is Kind.VOID
    request = messages.store(step, refund.refund_id, message, armed=armed)
    sales.hold(step, application)
    refunds.log(step, refund, request=request)
    return Sealed(refund, message)


def _begin(step: Step, application: Application) -> bool:
    """The application may go on, and the balance covers it; whether it had failed before."""
    again = refunds.last_state(step.db, application.number) is State.NOT_SENT
    again &= application.state is ApplicationState.FAILED
    allowed = [ApplicationState.OPEN, *([ApplicationState.FAILED] if again else [])]
    applications.change(step, application.number, ApplicationState.SEALED, allowed, kept=False)
    if again:
        sales.check_balance(step.db, application)
        serials.check(step.db, application.number, application.sale_key or 0)
    else:
        may_go(step, application)
    return again
