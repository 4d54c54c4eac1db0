"""A file of the acquirer's outcomes into the ledger: all of it in one transaction, or nothing."""

from __future__ import annotations

from collections.abc import Sequence

from pos_terminal.core.case import CaseKind, Contradicted, PaidTwice, Posting
from pos_terminal.core.effect import Effect
from pos_terminal.core.refund import Refund
from pos_terminal.ports.books.outcomes import Judged, OutcomeReport
from pos_terminal.services.ledger.books import cases, outcomes, refunds, sales
from pos_terminal.services.ledger.concluding import conclude
from pos_terminal.services.ledger.step import Step
from pos_terminal.wire.feed.outcome import OutcomeFile


def take_in(step: Step, report: OutcomeReport) -> Sequence[Refund]:
    """The refunds that it concluded. Raises IllegalMove where one of them moved meanwhile."""
    file = report.file
    if report.problems:
        problems = len(report.problems)
        step.log("outcomes_refused", source=file.source, digest=file.digest, problems=problems)
        return ()
    new = [verdict for verdict in report.judged if verdict.effect is not Effect.KNOWN]
    file_id = outcomes.add_file(step, file)
    concluded = [refund for verdict in new if (refund := _act(step, file, verdict)) is not None]
    for verdict in new:
        outcomes.store(step, verdict, file_id)
    for verdict in report.judged:
        _paid_again(step, file, verdict)
    step.log(
        "outcomes",
        source=file.source,
        digest=file.digest,
        records=len(file.outcomes),
        **{effect.value: report.count(effect) for effect in Effect},
    )
    return concluded


def _act(step: Step, file: OutcomeFile, verdict: Judged) -> Refund | None:
    if verdict.refund_id is None:
        return None
    if verdict.conclusion is not None:
        return conclude(step, verdict.refund_id, verdict.conclusion)
    if verdict.effect is Effect.CONTRADICTS:
        outcome = verdict.outcome
        facts = Contradicted(
            state=refunds.load(step.db, verdict.refund_id).state,
            told=outcome.done,
            reference=outcome.reference,
            file=file.source,
            line=outcome.line,
            digest=file.digest,
        )
        cases.open_of_refund(step, verdict.refund_id, CaseKind.CONTRADICTION, facts)
    return None


def _paid_again(step: Step, file: OutcomeFile, verdict: Judged) -> None:
    """Several postings of one request: a case with their evidence, once, and its sale locked."""
    if verdict.refund_id is None or not verdict.again:
        return
    postings = tuple(
        Posting(one.line, one.reference, one.rrn) for one in (verdict.outcome, *verdict.again)
    )
    over = sum(one.done for one in verdict.again)
    facts = PaidTwice(over, file.source, file.digest, postings)
    if cases.paid_twice(step, verdict.refund_id, facts):
        # nothing more of the sale, until people close its case
        refund = refunds.load(step.db, verdict.refund_id)
        sales.lock(step, refund.sale_key, refund.refund_id)
