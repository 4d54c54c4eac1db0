"""What was given back came back from the customer's account (R50)."""

from __future__ import annotations

from pos_terminal.core.case import CaseKind, OutcomeFacts, Returned
from pos_terminal.core.cause import Cause
from pos_terminal.core.refund import Refund, State
from pos_terminal.services.ledger.books import cases, refunds, sales
from pos_terminal.services.ledger.step import Step
from pos_terminal.wire.feed.outcome import Outcome, OutcomeFile


def bring_back(step: Step, refund_id: int, file: OutcomeFile, outcome: Outcome) -> int:
    """Once: the tender is free again for what came back, up to what was given back; the goods stay
    where they are, and a case opens. How much is free, minor units.

    It is less where closed cases found no room for what was paid beside the balance: the customer
    still has that. Raises IllegalMove.
    """
    before = refunds.load(step.db, refund_id)
    amount = min(outcome.done, before.done)
    free = cases.free_of(step, before.sale_key, before.leg, amount)
    after = refunds.come_back(step, before)
    sales.come_back(step, before, free)
    facts = Returned(
        amount=amount,
        told=outcome.done,
        happened_on=outcome.happened_on,
        arn=outcome.arn,
        reference=outcome.reference,
        file=file.source,
        line=outcome.line,
        digest=file.digest,
    )
    cases.open_of_refund(step, refund_id, CaseKind.RETURNED, facts, told=outcome.content)
    refunds.log(step, after)
    return free


def credit_after_all(step: Step, refund: Refund, over: int) -> None:
    """It is on the customer's account though it had come back, and was free to be given again:
    what came back is paid beside the balance, and the sale is locked."""
    facts = OutcomeFacts(Cause.OVERPAID, State.RETURNED)
    cases.open_of_refund(step, refund.refund_id, CaseKind.OVERPAYMENT, facts, over=over)
