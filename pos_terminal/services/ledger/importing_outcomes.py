"""A file of the acquirer's outcomes into the ledger: all of it in one transaction, or nothing."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from pos_terminal.core.case import CaseKind, Contradicted, PaidTwice, PaidUnknown
from pos_terminal.core.effect import Effect, Told
from pos_terminal.core.refund import Refund, State
from pos_terminal.ports.books.outcomes import Judged, OutcomeReport
from pos_terminal.services.ledger.books import cases, counter, outcomes, refunds, sales
from pos_terminal.services.ledger.concluding import conclude
from pos_terminal.services.ledger.returning import bring_back, credit_after_all
from pos_terminal.services.ledger.step import Step
from pos_terminal.wire.feed.outcome import Outcome, OutcomeFile


def take_in(step: Step, report: OutcomeReport) -> Sequence[Refund]:
    """The refunds that it concluded. Raises IllegalMove where one of them moved meanwhile."""
    file = report.file
    if report.problems:
        problems = len(report.problems)
        step.log("outcomes_refused", source=file.source, digest=file.digest, problems=problems)
        return ()
    new = [verdict for verdict in report.judged if verdict.effect is not Effect.KNOWN]
    file_id = outcomes.add_file(step, file)
    acted = [_act(step, file, verdict) for verdict in new]
    for verdict, (_, free) in zip(new, acted, strict=True):
        outcomes.store(step, verdict, file_id, free)
    step.log(
        "outcomes",
        file=file_id,
        source=file.source,
        digest=file.digest,
        records=len(file.outcomes),
        supervisor=report.supervisor,
        **{effect.value: report.count(effect) for effect in Effect},
    )
    return [refund for refund, _ in acted if refund is not None]


def _act(step: Step, file: OutcomeFile, verdict: Judged) -> tuple[Refund | None, int]:
    """What the line comes to; the refund that it concluded, and what is free again by it."""
    if verdict.effect is Effect.RETURNED and verdict.refund_id is not None:
        free = bring_back(step, verdict.refund_id, file, verdict.outcome)
        return refunds.load(step.db, verdict.refund_id), free
    return _conclude(step, file, verdict), 0


def _conclude(step: Step, file: OutcomeFile, verdict: Judged) -> Refund | None:
    """The refund that the line concluded."""
    outcome, number = verdict.outcome, verdict.refund_id
    told = outcome.content
    if verdict.effect is Effect.PAID_UNKNOWN:
        of = sales.of_payment(step.db, outcome.original_rrn, outcome.original_on)
        own = counter.drew_for_itself(step.db, outcome.batch, outcome.stan)
        facts = _paid_unknown(file, outcome, leg=0 if of is None else of[1], own=own)
        kind, over = CaseKind.PAID_UNKNOWN, outcome.done
        if of is None:
            cases.open_loose(step, kind, facts, over=over, told=told)
        else:
            cases.lock_sale(step, of[0], kind, facts, over=over, told=told)
    if number is None:
        return None
    if verdict.form is not None:
        paid = refunds.load(step.db, number).application
        _dispute(step, file, replace(verdict, other=paid), verdict.form)
    if verdict.conclusion is not None:
        return conclude(step, number, verdict.conclusion)
    if verdict.effect is Effect.CONTRADICTS:
        _dispute(step, file, verdict, number)
    elif verdict.effect is Effect.OVERPAID:
        credit_after_all(step, refunds.load(step.db, number), verdict.over)
    elif verdict.effect is Effect.PAID_TWICE:
        twice = PaidTwice(verdict.postings, file.digest)
        kind, over = CaseKind.PAID_TWICE, outcome.done
        cases.open_of_refund(step, number, kind, twice, over=over, told=told)
    return None


def _dispute(step: Step, file: OutcomeFile, verdict: Judged, number: int) -> None:
    state = refunds.load(step.db, number).state
    facts = _contradicted(file, verdict, state)
    cases.contradict(step, number, facts, verdict.outcome.content)


def _contradicted(file: OutcomeFile, verdict: Judged, state: State) -> Contradicted:
    outcome = verdict.outcome
    return Contradicted(
        state=state,
        told=outcome.done,
        other=verdict.other,
        reference=outcome.reference,
        file=file.source,
        line=outcome.line,
        digest=file.digest,
        returned=outcome.told is Told.RETURNED,
    )


def _paid_unknown(file: OutcomeFile, outcome: Outcome, *, leg: int, own: bool) -> PaidUnknown:
    return PaidUnknown(
        batch=outcome.batch,
        stan=outcome.stan,
        kind=outcome.kind,
        rrn=outcome.rrn,
        happened_on=outcome.happened_on,
        original_rrn=outcome.original_rrn,
        last4=outcome.masked[-4:],
        reference=outcome.reference,
        file=file.source,
        line=outcome.line,
        digest=file.digest,
        leg=leg,
        own=own,
    )
