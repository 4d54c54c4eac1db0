"""The acquirer's file concludes what the line left open; what is final is held against it (R32)."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from typing import Final

from msgspec.structs import replace

from pos_terminal.core.case import Posting
from pos_terminal.core.effect import AFTERWARDS, FINAL, Effect
from pos_terminal.core.money import format_amount
from pos_terminal.core.pan import masks_differ, repeats
from pos_terminal.core.reference import is_payment, payment_key, spelled
from pos_terminal.core.refund import IllegalMove, Kind, Refund, State
from pos_terminal.core.settling import Settling
from pos_terminal.core.words import Failure, FileFailure
from pos_terminal.ports import Evidence, Ledger
from pos_terminal.ports.books.outcomes import (
    Judged,
    OutcomeReport,
    StoredOutcome,
)
from pos_terminal.services.money.afterwards import (
    after_it,
    became_of,
    concludes,
    in_turn,
    is_known_after,
)
from pos_terminal.services.money.bad_outcome import BadOutcome
from pos_terminal.services.money.by_people import ByPeople
from pos_terminal.services.money.in_flight import InFlight
from pos_terminal.services.money.intent import Intent
from pos_terminal.services.money.record import Recorder
from pos_terminal.texts import Language, render
from pos_terminal.wire.feed.outcome import NO_CARD, Outcome, OutcomeFile
from pos_terminal.wire.feed.problem import Problem

log = logging.getLogger(__name__)

TRIES: Final = 3
"""A refund may move on the line while what it came to is written."""


class ByFile:
    """One file at a time. A refund that the line works on is left to the line."""

    def __init__(
        self,
        *,
        ledger: Ledger,
        recorder: Recorder,
        by_people: ByPeople,
        in_flight: InFlight,
        concluded: Callable[[Refund], None] = lambda _: None,
        changed: Callable[[], None] = lambda: None,
    ) -> None:
        """``changed`` is told of each file that was taken: it may have opened cases."""
        self._ledger = ledger
        self._recorder = recorder
        self._by_people = by_people
        self._in_flight = in_flight
        self._concluded = concluded
        self._changed = changed
        self._turn = asyncio.Lock()

    def preview(self, file: OutcomeFile) -> OutcomeReport:
        """What it would come to now; nothing is written."""
        return self._report(file)

    async def take(
        self, file: OutcomeFile, shown: Settling | None = None, supervisor: str = ""
    ) -> OutcomeReport:
        """One commit with all that it concludes, slips and all; or what is wrong with it.

        Nothing is taken, and the report is waiting, where it would settle anything else than what
        was ``shown`` to this supervisor; None: whatever it is. Failure ``ledger.…``, and
        ``outcomes.moving`` where refunds never stood still.
        """
        async with self._turn:
            for _ in range(TRIES):
                report = replace(self._report(file), supervisor=supervisor)
                if shown is not None and report.settling() != shown:
                    return report.as_waiting()
                try:
                    return await self._write(report)
                except IllegalMove as moved:
                    log.info("%s: a refund moved meanwhile: %s", file.source, moved)
        raise FileFailure("outcomes.moving", file=file.source)

    def _report(self, file: OutcomeFile) -> OutcomeReport:
        judged: list[Judged] = []
        problems = list(file.problems)
        # what is told of the acquirer's own request is surer than what is told of a form
        outcomes = sorted(file.outcomes, key=lambda one: one.kind is Kind.MANUAL)
        for outcome in () if problems else outcomes:
            try:
                judged += map(self._beside_form, self._judge_all(file, outcome, judged))
            except BadOutcome as bad:
                problems.append(Problem(outcome.line, str(bad)))
        if problems:
            return OutcomeReport(file, problems=tuple(problems))
        return OutcomeReport(file, tuple(judged))

    async def _write(self, report: OutcomeReport) -> OutcomeReport:
        intents = self._intents(report.judged)
        try:
            with self._in_flight.claim(*intents):
                concluded = await self._ledger.outcomes.take_in(report)
            for refund in concluded:
                self._concluded(refund)
            self._changed()
            return report
        finally:
            await self._by_people.landed(*intents)

    def _intents(self, judged: Sequence[Judged]) -> list[Intent]:
        """To claim: nobody else works on what is concluded; late answers wait for the commit."""
        found = {}
        for one in judged:
            number = one.refund_id
            refund = None if number is None else self._ledger.refunds.by_id(number)
            if one.conclusion is not None and refund is not None and refund.stan is not None:
                found[refund.refund_id] = self._by_people.intent(refund)
        return list(found.values())

    # --- one line --------------------------------------------------------------------------

    def _judge_all(
        self, file: OutcomeFile, outcome: Outcome, judged: Sequence[Judged]
    ) -> list[Judged]:
        """All that the file has of one request: its own posting, and what was posted beside it.
        ``judged`` is what it has before."""
        number = (outcome.batch, outcome.stan)
        records = [outcome, *(one for one in file.again if (one.batch, one.stan) == number)]
        told = self._ledger.outcomes.told(*number)
        refund = self._known_here(outcome)
        for one in records if refund is not None else ():
            self._must_be(one, refund)
        payments = [one for one in records if not one.afterwards]
        verdicts = self._judge_payments(file, payments, told, refund, judged)
        after = in_turn(one for one in records if one.afterwards)
        return verdicts + self._judge_after(file, after, told, refund, verdicts)

    def _judge_payments(
        self,
        file: OutcomeFile,
        records: Sequence[Outcome],
        told: Sequence[StoredOutcome],
        refund: Refund | None,
        judged: Sequence[Judged],
    ) -> list[Judged]:
        """The request's own posting, and what was posted beside it."""
        before = [one for one in told if one.told not in AFTERWARDS]
        known = [one for one in records if _is_known(one, before)]
        new = [one for one in records if one not in known]
        verdicts = [_known(one, before) for one in known]
        if refund is None:
            of_credit = [one for one in told if one.told in AFTERWARDS]
            return verdicts + [self._stranger_after(one, of_credit) for one in new]
        typed = None
        if refund.kind is Kind.MANUAL:
            typed = self._ledger.manual.paid_by(refund.refund_id)
            agreed = next((one for one in new if typed and _is_of(one, typed)), None)
            if agreed is not None:
                verdicts.append(self._judge(file, agreed, refund))
                new.remove(agreed)
            for one in [one for one in new if one.done]:
                other = self._carried_out((one.reference, one.rrn), refund, judged)
                if other is not None:
                    verdicts.append(_of_another(one, refund, other))
                    new.remove(one)
            before = [one for one in before if not self._is_another_s(one, refund)]
        paid = [one for one in before if one.done and one.effect in FINAL]
        if typed and any(one.done for one in new):
            own = Posting("", 0, typed, "")
        elif paid:
            own = paid[0].posting
        elif new:
            first = _own(new, refund)
            verdict = self._judge(file, first, refund)
            verdicts.append(verdict)
            own = _posting(file, first)
            new.remove(first)
            if verdict.effect is Effect.LEFT:
                return verdicts + [replace(verdict, outcome=one) for one in new]
        return verdicts + [_paid_again(file, one, refund, own) for one in new]

    def _judge_after(
        self,
        file: OutcomeFile,
        records: Sequence[Outcome],
        before: Sequence[StoredOutcome],
        refund: Refund | None,
        payments: Sequence[Judged],
    ) -> list[Judged]:
        """What became of a payment, in turn, after what is told of the payment itself."""
        told = [*before, *(_as_told(file, one) for one in payments)]
        now, verdicts = refund, list[Judged]()
        for payment in payments:
            now = after_it(now, payment)
        for one in records:
            if now is None:
                verdict = self._stranger_after(one, told)
            elif is_known_after(one, told):
                verdict = _known(one, told)
            elif now.state is State.SEALED or now.refund_id in self._in_flight:
                reason = _LEFT.format(now.refund_id)
                verdict = Judged(one, Effect.LEFT, now.refund_id, reason=reason)
            elif concludes(one, now):
                verdict = self._concludes(file, one, now)
            else:
                beside = self._ledger.cases.contradicted_by(now.refund_id)
                posting = _posting(file, one)
                verdict = became_of(one, now, told, posting=posting, beside=beside)
            now = after_it(now, verdict)
            told.append(_as_told(file, verdict))
            verdicts.append(verdict)
        return verdicts

    def _stranger_after(self, outcome: Outcome, told: Sequence[StoredOutcome]) -> Judged:
        """One payment is one case, however often and as what it is told."""
        if any(one.effect is Effect.PAID_UNKNOWN for one in told):
            about = f"not in this ledger, and {outcome.told}: see the case of its payment"
            return Judged(outcome, Effect.UNMATCHED, reason=about)
        return self._stranger(outcome)

    def _carried_out(
        self, told: Sequence[str], form: Refund, judged: Sequence[Judged]
    ) -> Refund | None:
        """The refund that this payment was told for already, if not of this form's visit: by
        people, by an earlier file, or by this one. ``told``: its reference and its RRN."""
        keys = {payment_key(one): one for one in told if one}
        for reference in keys.values():
            found = self._ledger.manual.carried_out_by(reference, form.refund_id)
            if found is not None:
                return found
        for one in judged:
            if _pays(one.outcome) and one.refund_id not in (None, form.refund_id) and not one.other:
                other = self._ledger.refunds.by_id(one.refund_id or 0)
                same = keys.keys() & set(map(payment_key, (one.outcome.reference, one.outcome.rrn)))
                if same and other is not None and self._ticket(other) != self._ticket(form):
                    return other
        return None

    def _beside_form(self, one: Judged) -> Judged:
        """What people or an earlier file told of a form, and the acquirer of its own request now:
        that stands, and the form is a case."""
        outcome, number = one.outcome, one.refund_id
        if number is None or outcome.kind is Kind.MANUAL or not _pays(outcome):
            return one
        told = (outcome.reference, outcome.rrn) if one.effect in FINAL else ()
        form = self._ledger.manual.confirmed_by(told, number)
        if form is None:
            return one
        about = f"it has confirmed the form of application {form.application}; a case is open"
        reason = f"{one.reason}; {about}" if one.reason else f"{outcome.reference}: {about}"
        return replace(one, form=form.refund_id, reason=reason)

    def _is_another_s(self, told: StoredOutcome, form: Refund) -> bool:
        """What an earlier file told of a form, though it was of another refund."""
        names = told.posting.reference, told.posting.rrn
        contradicts = told.effect is Effect.CONTRADICTS
        return contradicts and self._carried_out(names, form, ()) is not None

    def _ticket(self, refund: Refund) -> int | None:
        application = self._ledger.applications.by_number(refund.application)
        return None if application is None else application.ticket

    def _known_here(self, outcome: Outcome) -> Refund | None:
        if outcome.kind is Kind.MANUAL:
            return self._ledger.manual.of_application(outcome.application or 0)
        return self._ledger.refunds.by_number(outcome.batch, outcome.stan)

    def _must_be(self, outcome: Outcome, refund: Refund | None) -> None:
        """BadOutcome where the record can't be of this request."""
        if refund is None:
            return
        if (refund.kind, refund.amount) != (outcome.kind, outcome.amount):
            amount = format_amount(refund.amount, refund.currency)
            what = "application" if refund.kind is Kind.MANUAL else "trace"
            raise BadOutcome(f"here that {what} is a {refund.kind} of {amount}")
        if outcome.application not in (None, refund.application):
            raise BadOutcome(f"here that trace is of application {refund.application}")
        if refund.masked and repeats(outcome.reference, refund.masked):
            raise BadOutcome(NO_CARD)
        if outcome.masked and refund.masked and masks_differ(outcome.masked, refund.masked):
            raise BadOutcome(f"here that trace is to card {refund.masked}")
        sale = self._ledger.sales.by_key(refund.sale_key)
        payment = None if sale is None else sale.tender(refund.leg).payment
        original = "" if payment is None else payment.rrn
        named = spelled(outcome.original_rrn)
        if named and original and named != spelled(original):
            raise BadOutcome(f"here that trace gives back the payment with RRN {original}")

    def _stranger(self, outcome: Outcome) -> Judged:
        """A request, or a form, that the ledger has not."""
        number = (outcome.batch, outcome.stan)
        if outcome.kind is Kind.MANUAL:
            about = f"application {outcome.stan}: no form of it is in this ledger"
        else:
            about = "batch {}, trace {}: not in this ledger".format(*number)
            if self._ledger.counter.was_drawn(*number):
                return Judged(outcome, Effect.OF_TILL)
        if not outcome.paid:
            return Judged(outcome, Effect.UNMATCHED, reason=about)
        if outcome.happened_on and outcome.happened_on < self._known_from:
            reason = f"{about}, which knows what was since {self._known_from}"
            return Judged(outcome, Effect.UNMATCHED, reason=reason)
        reason = f"{about}, and paid; a case is open"
        return Judged(outcome, Effect.PAID_UNKNOWN, reason=reason, over=outcome.done)

    @property
    def _known_from(self) -> str:
        return self._ledger.outcomes.known_from().isoformat()

    def _judge(self, file: OutcomeFile, outcome: Outcome, refund: Refund) -> Judged:
        """The request's own record against what the ledger has of it."""
        number, paid = refund.refund_id, outcome.done > 0
        if refund.state is State.SEALED or number in self._in_flight:
            return Judged(outcome, Effect.LEFT, number, reason=_LEFT.format(number))
        if refund.state in (State.UNKNOWN, State.REVERSING, State.FORM_PRINTED):
            early = None if paid else self._too_early(refund)
            if early is not None:
                return Judged(outcome, Effect.LEFT, number, reason=f"refund {number}: {early}")
            return self._concludes(file, outcome, refund)
        if refund.state in (State.GIVEN_UP, State.WITHDRAWN) and paid:
            return self._concludes(file, outcome, refund)
        known = refund.done + self._ledger.cases.contradicted_by(number)
        if known == outcome.done:
            return Judged(outcome, Effect.AGREES, number)
        over, reason = max(outcome.done - known, 0), _contradiction(outcome, refund)
        return Judged(outcome, Effect.CONTRADICTS, number, reason=reason, over=over)

    def _concludes(self, file: OutcomeFile, outcome: Outcome, refund: Refund) -> Judged:
        evidence = Evidence(
            done=outcome.done,
            reference=outcome.reference,
            rrn=outcome.rrn,
            auth_code=outcome.auth_code,
            source=file.source,
            line=outcome.line,
            digest=file.digest,
        )
        conclusion = self._recorder.conclusion_by_file(refund, evidence)
        return Judged(outcome, Effect.CONCLUDED, refund.refund_id, conclusion)

    def _too_early(self, refund: Refund) -> str | None:
        """Why its hold is not freed yet."""
        try:
            self._by_people.must_be_over(refund)
        except Failure as failure:
            return f"{render(failure.words, Language.EN)}; then import the file again"
        return None


def _pays(outcome: Outcome) -> bool:
    return outcome.paid and not outcome.afterwards


def _as_told(file: OutcomeFile, one: Judged) -> StoredOutcome:
    outcome = one.outcome
    return StoredOutcome(
        *(outcome.content, one.effect, outcome.done, _posting(file, outcome)),
        *(outcome.told, outcome.happened_on),
    )


_LEFT: Final = "refund {}: still under way on the line; import the file again later"


def _is_known(outcome: Outcome, before: Sequence[StoredOutcome]) -> bool:
    """Whether an earlier file told as much: this record, this posting, or that nothing was paid.

    BadOutcome where it told of another amount of one posting.
    """
    for told in before:
        if told.effect not in FINAL or bool(told.done) != bool(outcome.done):
            continue
        if outcome.done == 0:
            return True
        if outcome.same_posting(told.posting.rrn, told.posting.reference):
            if told.done != outcome.done:
                place = f"{told.posting.file}:{told.posting.line}"
                raise BadOutcome(f"known with another amount, from {place}")
            return True
    return False


def _known(outcome: Outcome, before: Sequence[StoredOutcome]) -> Judged:
    same = any(told.content == outcome.content for told in before)
    reason = "" if same else "known with other content from an earlier file"
    return Judged(outcome, Effect.KNOWN, reason=reason)


def _own(postings: Sequence[Outcome], refund: Refund) -> Outcome:
    """The one that the ledger knows by its RRN; else the first."""
    by_rrn = (one for one in postings if refund.rrn and spelled(one.rrn) == spelled(refund.rrn))
    return next(by_rrn, postings[0])


def _is_of(outcome: Outcome, typed: str) -> bool:
    """Whether it is the payment that a supervisor told of a form."""
    told = (outcome.reference, outcome.rrn)
    return outcome.done > 0 and any(is_payment(typed, one) for one in told)


def _of_another(outcome: Outcome, form: Refund, other: Refund) -> Judged:
    """One payment carries out one form: which of them, people must find out."""
    about = f"application {form.application}: {outcome.reference} has paid application"
    reason = f"{about} {other.application} already; a case is open, and nothing is confirmed"
    return Judged(
        outcome, Effect.CONTRADICTS, form.refund_id, reason=reason, other=other.application
    )


def _posting(file: OutcomeFile, outcome: Outcome) -> Posting:
    return Posting(file.source, outcome.line, outcome.reference, outcome.rrn)


def _paid_again(file: OutcomeFile, outcome: Outcome, refund: Refund, own: Posting) -> Judged:
    """Another posting of what was paid by ``own`` already."""
    first = f"{own.file}:{own.line}" if own.file else f"{own.reference}, told at the terminal"
    place = f"{file.source}:{outcome.line}"
    about = f"refund {refund.refund_id}: paid again, by {place} beside {first}"
    return Judged(
        outcome,
        Effect.PAID_TWICE,
        refund.refund_id,
        reason=f"{about}; the sale is locked until its case is closed",
        postings=(own, _posting(file, outcome)),
        over=outcome.done,
    )


def _contradiction(outcome: Outcome, refund: Refund) -> str:
    here, there = (format_amount(done, refund.currency) for done in (refund.done, outcome.done))
    about = f"refund {refund.refund_id}: {refund.state} here with {here}, {there} in the file"
    locked = "; the sale is locked until its case is closed" if outcome.done > refund.done else ""
    return f"{about}; a case is open{locked}"
