"""The acquirer's file concludes what the line left open; what is final is held against it (R32)."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from typing import Final

from msgspec.structs import replace

from pos_terminal.core.effect import FINAL, Effect
from pos_terminal.core.money import format_amount
from pos_terminal.core.refund import IllegalMove, Refund, State
from pos_terminal.core.words import Failure, FileFailure
from pos_terminal.ports import Evidence, Ledger
from pos_terminal.ports.books.outcomes import (
    Judged,
    OutcomeReport,
)
from pos_terminal.services.money.by_people import ByPeople
from pos_terminal.services.money.in_flight import InFlight
from pos_terminal.services.money.intent import Intent
from pos_terminal.services.money.record import Recorder
from pos_terminal.texts import Language, render
from pos_terminal.wire.feed.outcome import Outcome, OutcomeFile
from pos_terminal.wire.feed.problem import Problem

log = logging.getLogger(__name__)

TRIES: Final = 3
"""A refund may move on the line while what it came to is written."""


class BadOutcome(Exception):
    """The line can't be true of this ledger; the text says why."""


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

    async def take(self, file: OutcomeFile) -> OutcomeReport:
        """One commit with all that it concludes, slips and all; or what is wrong with it.

        Failure ``ledger.…``, and ``outcomes.moving`` where refunds never stood still.
        """
        async with self._turn:
            for _ in range(TRIES):
                report = self._report(file)
                try:
                    return await self._write(report)
                except IllegalMove as moved:
                    log.info("%s: a refund moved meanwhile: %s", file.source, moved)
        raise FileFailure("outcomes.moving", file=file.source)

    def _report(self, file: OutcomeFile) -> OutcomeReport:
        judged, problems = [], list(file.problems)
        for outcome in () if problems else file.outcomes:
            try:
                judged.append(self._judge_all(file, outcome))
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
            if one.conclusion is not None and refund is not None:
                found[refund.refund_id] = self._by_people.intent(refund)
        return list(found.values())

    # --- one line --------------------------------------------------------------------------

    def _judge_all(self, file: OutcomeFile, outcome: Outcome) -> Judged:
        """The request's own posting, and what was posted beside it: paid more than once."""
        number = (outcome.batch, outcome.stan)
        again = [one for one in file.again if (one.batch, one.stan) == number]
        if not again:
            return self._judge(file, outcome)
        refund = self._ledger.refunds.by_number(*number)
        postings = [outcome, *again]
        own = self._own(postings, refund)
        judged = self._judge(file, own)
        if refund is None or judged.effect is Effect.LEFT:
            return judged
        others = tuple(one for one in postings if one is not own)
        reasons = [judged.reason, _paid_twice(refund, postings)]
        return replace(
            judged,
            refund_id=refund.refund_id,
            again=others,
            reason="; ".join(filter(None, reasons)),
        )

    def _own(self, postings: Sequence[Outcome], refund: Refund | None) -> Outcome:
        """The one that the ledger knows: from an earlier file, or by its RRN; else the first."""
        first = postings[0]
        before = self._ledger.outcomes.told(first.batch, first.stan, True)
        content = None if before is None else before.content
        rrn = None if refund is None else refund.rrn
        known = (one for one in postings if one.content == content)
        by_rrn = (one for one in postings if rrn and one.rrn == rrn)
        return next(known, None) or next(by_rrn, first)

    def _judge(self, file: OutcomeFile, outcome: Outcome) -> Judged:
        before = self._ledger.outcomes.told(outcome.batch, outcome.stan, outcome.done > 0)
        if before is not None and before.content != outcome.content:
            raise BadOutcome("known with other content from an earlier file")
        if before is not None and before.effect in FINAL:
            return Judged(outcome, Effect.KNOWN)
        refund = self._ledger.refunds.by_number(outcome.batch, outcome.stan)
        if refund is None:
            about = f"batch {outcome.batch}, trace {outcome.stan}"
            return Judged(outcome, Effect.UNMATCHED, reason=f"{about}: not in this ledger")
        if (refund.kind, refund.amount) != (outcome.kind, outcome.amount):
            amount = format_amount(refund.amount, refund.currency)
            raise BadOutcome(f"here that trace is a {refund.kind} of {amount}")
        return self._against(file, outcome, refund)

    def _against(self, file: OutcomeFile, outcome: Outcome, refund: Refund) -> Judged:
        number, paid = refund.refund_id, outcome.done > 0
        if refund.state is State.SEALED or number in self._in_flight:
            return Judged(outcome, Effect.LEFT, number, reason=_LEFT.format(number))
        if refund.state in (State.UNKNOWN, State.REVERSING):
            early = None if paid else self._too_early(refund)
            if early is not None:
                return Judged(outcome, Effect.LEFT, number, reason=f"refund {number}: {early}")
            return self._concludes(file, outcome, refund)
        if refund.state is State.GIVEN_UP and paid:
            return self._concludes(file, outcome, refund)
        if refund.done == outcome.done:
            return Judged(outcome, Effect.AGREES, number)
        return Judged(outcome, Effect.CONTRADICTS, number, reason=_contradiction(outcome, refund))

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


_LEFT: Final = "refund {}: still under way on the line; import the file again later"


def _paid_twice(refund: Refund, postings: Sequence[Outcome]) -> str:
    lines = ", ".join(str(one.line) for one in postings)
    about = f"refund {refund.refund_id}: paid {len(postings)} times by lines {lines}"
    return f"{about}; the sale is locked until its case is closed"


def _contradiction(outcome: Outcome, refund: Refund) -> str:
    here, there = (format_amount(done, refund.currency) for done in (refund.done, outcome.done))
    about = f"refund {refund.refund_id}: {refund.state} here with {here}, {there} in the file"
    return f"{about}; a case is open"
