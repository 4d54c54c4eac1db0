"""Writes what became of an intent: one commit for each outcome, slips and all (conclude)."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Protocol

from msgspec.structs import replace

from pos_terminal.core.answers import Action, first_sending, open_state
from pos_terminal.core.case import CaseKind, Contradicted
from pos_terminal.core.cause import Cause
from pos_terminal.core.refund import IllegalMove, Kind, PaidAnother, Refund, State
from pos_terminal.core.said import Said
from pos_terminal.core.words import Failure, Words, say
from pos_terminal.ports import (
    AnswerFacts,
    Clock,
    Conclusion,
    Evidence,
    Finding,
    FormConfirmation,
    Grounds,
    Ledger,
    Papers,
    Result,
)
from pos_terminal.services.host.session import Reply
from pos_terminal.services.money.intent import Intent
from pos_terminal.services.money.judge import amount_of
from pos_terminal.services.money.told import Told, words_of
from pos_terminal.texts import next_step
from pos_terminal.texts.domain import after_answer, of_answer, of_cause
from pos_terminal.wire.iso8583.message import Message
from pos_terminal.wire.iso8583.profile import Profile
from pos_terminal.wire.receipt.slip import Slip

log = logging.getLogger(__name__)

_OWN_FIELDS = frozenset({"4", "12", "13", "37", "38", "39", "64"})


class Unrecorded(Exception):
    """The outcome could not be written: the refund stays as it was."""

    def __init__(self, words: Words) -> None:
        super().__init__(words.code)
        self.words = words


class Stop(Protocol):
    """No trade from now on. ``broken``: until the ledger can be written again; else until the
    acquirer takes a sign-on."""

    def __call__(self, words: Words, *, broken: bool) -> None: ...


class Recorder:
    """Turns outcomes into conclusions. Memory never runs ahead of the journal: every method
    returns only after its commit. Raises Unrecorded where there was none."""

    def __init__(
        self,
        *,
        ledger: Ledger,
        profile: Profile,
        papers: Callable[[], Papers],
        clock: Clock,
        concluded: Callable[[Refund], None],
        stop: Stop,
    ) -> None:
        self._ledger = ledger
        self._profile = profile
        self._papers = papers
        self._told = Told(ledger, papers)
        self._clock = clock
        self._concluded = concluded
        self._stop = stop

    def grounds(self, refund: Refund) -> Grounds | None:
        """What slips are made of, from the ledger; None where it lacks application or sale.

        Of its sale as it is by now: while it was on its way the till may have told what was typed.
        """
        now = self._ledger.refunds.by_id(refund.refund_id) or refund
        application = self._ledger.applications.by_number(now.application)
        sale = self._ledger.sales.by_key(now.sale_key)
        if application is None or sale is None:
            return None
        return Grounds.of(self._ledger, application, sale, self._clock.now())

    async def concluded(self, intent: Intent, reply: Reply, action: Action) -> Result:
        """Conclude what the table made of an answer."""
        if action.accepts:
            return await self._accepted(intent, reply, action)
        if action.declines:
            return await self._declined(intent, reply, action)
        return await self._reversed(intent, reply)

    async def _accepted(self, intent: Intent, reply: Reply, action: Action) -> Result:
        done = _amount_done(intent.refund, reply, action)
        after = self._after(intent, State.ACCEPTED, reply, done=done)
        said = self._said(intent, reply)
        whole = done == intent.refund.amount
        # 10 may name all that was asked for: then nobody is told that a part is missing
        words = of_answer(Said.APPROVED if whole and said is Said.PART_APPROVED else said)
        cause = None if whole else words
        slips = self._papers().accepted(self._now(intent), after, cause)
        conclusion = Conclusion(
            State.ACCEPTED,
            done,
            answer_facts(reply.message),
            flagged=action.flagged,
            slips=slips,
        )
        refund = await self._conclude(intent, conclusion)
        return Result(refund, words, next_step(words))

    async def _declined(self, intent: Intent, reply: Reply, action: Action) -> Result:
        """The acquirer said no: the hold is released."""
        after = self._after(intent, State.DECLINED, reply)
        said = self._said(intent, reply)
        words = of_answer(said)
        advice = after_answer(said, refund_instead=action is Action.DECLINE_OFFER_REFUND)
        slips = self._papers().declined(self._now(intent), after, words, advice)
        conclusion = Conclusion(
            State.DECLINED,
            answer=answer_facts(reply.message),
            cause=action.cause,
            stops=said if action is Action.DECLINE_STOP_TRADING else None,
            slips=slips,
            keep=action.keeps,
        )
        refund = await self._conclude(intent, conclusion)
        await self._after_decline(action, words)
        return Result(refund, words, advice)

    async def _after_decline(self, action: Action, words: Words) -> None:
        if action is Action.DECLINE_STOP_TRADING:
            self._stop(words, broken=False)
        elif action is Action.DECLINE_RESYNC:
            try:
                await self._ledger.counter.resequence()
            except Failure as failure:
                log.warning("the STAN was not moved on: %s", failure)

    async def _reversed(self, intent: Intent, reply: Reply) -> Result:
        """The acquirer acknowledged the 0400: the sale stands."""
        after = replace(intent.refund, state=State.REVERSED)
        words = say("host.reversed")
        slips = self._papers().reversed(self._now(intent), after, words, next_step(words))
        # code, RRN and time of this answer are the reversal's, not the void's
        facts = answer_facts(reply.message)
        conclusion = Conclusion(State.REVERSED, reversal=facts, slips=slips)
        refund = await self._conclude(intent, conclusion)
        return Result(refund, words, next_step(words))

    async def not_taken(self, intent: Intent, reply: Reply, cause: Cause) -> Result:
        """Sent, and by its proven answer not taken; it can't go out once more."""
        words = of_cause(cause)
        after = self._after(intent, State.DECLINED, reply)
        advice = next_step(words)
        slips = self._papers().declined(self._now(intent), after, words, advice)
        facts = answer_facts(reply.message)
        conclusion = Conclusion(State.DECLINED, answer=facts, cause=cause, slips=slips)
        refund = await self._conclude(intent, conclusion)
        return Result(refund, words, advice)

    async def not_sent(self, intent: Intent, cause: Cause) -> Result:
        """Surely no byte reached the acquirer; the STAN is burnt."""
        words = of_cause(cause)
        after = replace(intent.refund, state=State.NOT_SENT)
        slips = self._papers().not_sent(self._now(intent), after, words, next_step(words))
        conclusion = Conclusion(State.NOT_SENT, cause=cause, slips=slips)
        refund = await self._conclude(intent, conclusion)
        return Result(refund, words, next_step(words))

    async def still_open(
        self,
        refund: Refund,
        cause: Cause,
        *,
        paper: bool = False,
        case: CaseKind | None = None,
        excuse: Said | None = None,
    ) -> Result:
        """UNKNOWN or REVERSING, also as new facts on it; with ``paper`` the certificate (R32)."""
        state = open_state(refund.kind)
        words = pending_words(refund.kind)
        grounds = self.grounds(refund) if paper else None
        slips: tuple[Slip, ...] = ()
        if grounds is not None:
            after = replace(refund, state=state, cause=cause)
            slips = self._papers().pending(grounds, after, words, next_step(words))
        conclusion = Conclusion(state, cause=cause, slips=slips, case=case)
        open_one = await self._commit(refund, conclusion)
        remark = None if excuse is None else of_answer(excuse)
        return Result(open_one, words, next_step(words), remark)

    async def concluded_by_people(self, refund: Refund, finding: Finding) -> Result:
        """What two people found, also of what was given up before (R32)."""
        conclusion = self._told.by_people(self._need_grounds(refund), refund, finding)
        words = words_of(conclusion.state, finding)
        return Result(await self._commit(refund, conclusion), words, next_step(words))

    async def confirmed_by_people(self, refund: Refund, yes: FormConfirmation) -> Result:
        """A manual refund was carried out (R38)."""
        conclusion = self._told.confirmed(self._need_grounds(refund), refund, yes)
        words = words_of(conclusion.state, yes)
        return Result(await self._commit(refund, conclusion), words, next_step(words))

    def conclusion_by_file(self, refund: Refund, evidence: Evidence) -> Conclusion:
        """What the acquirer's file tells of it, for the file's one commit."""
        return self._told.by_file(self._need_grounds(refund), refund, evidence)

    async def overpaid(self, refund: Refund, reply: Reply, action: Action) -> Refund:
        """An approval of what had been given up."""
        done = _amount_done(refund, reply, action)
        after = self._answered(refund, State.OVERPAID, reply, done)
        answer = Conclusion(State.OVERPAID, done, answer_facts(reply.message))
        conclusion = self._told.overpaid(self._need_grounds(refund), after, answer)
        return await self._commit(refund, conclusion)

    async def contradicted(self, refund: Refund, reply: Reply, action: Action) -> None:
        """An approval of what was declined: a case, the sale locked; the refund stays as it is."""
        told = _amount_done(refund, reply, action)
        facts = Contradicted(refund.state, told, reply.message.get(37) or "")
        try:
            await self._ledger.cases.contradicted(refund.refund_id, facts)
        except Failure as failure:
            self._stop(failure.words, broken=True)
            raise Unrecorded(failure.words) from failure
        self._concluded(refund)

    def _said(self, intent: Intent, reply: Reply) -> Said:
        return self._profile.said(reply.code, first_sending(intent.kind))

    def _need_grounds(self, refund: Refund) -> Grounds:
        grounds = self.grounds(refund)
        if grounds is None:
            raise LookupError(f"refund {refund.refund_id} has no application or no sale")
        return grounds

    def _now(self, intent: Intent) -> Grounds:
        return replace(intent.grounds, at=self._clock.now())

    def _after(self, intent: Intent, state: State, reply: Reply, done: int = 0) -> Refund:
        """The refund as it will be, for its slips."""
        return self._answered(intent.refund, state, reply, done)

    def _answered(self, refund: Refund, state: State, reply: Reply, done: int) -> Refund:
        answer = reply.message
        return replace(
            refund,
            state=state,
            done=done,
            rrn=answer.get(37),
            auth_code=answer.get(38) or refund.auth_code,
            response=answer.get(39),
        )

    async def _conclude(self, intent: Intent, conclusion: Conclusion) -> Refund:
        intent.refund = await self._commit(intent.refund, conclusion)
        return intent.refund

    async def _commit(self, refund: Refund, conclusion: Conclusion) -> Refund:
        try:
            concluded = await self._ledger.conclude(refund.refund_id, conclusion)
        except Failure as failure:
            self._stop(failure.words, broken=True)
            raise Unrecorded(failure.words) from failure
        except PaidAnother as paid:
            raise Unrecorded(say("manual.of_another", number=paid.number)) from None
        except IllegalMove:
            # people ended it in the meantime; what they said stays
            raise Unrecorded(say("host.ended_elsewhere")) from None
        self._concluded(concluded)
        return concluded


def pending_words(kind: Kind) -> Words:
    """结果未知,勿重复退款, or that a void is being taken back."""
    return say("host.reversing" if kind is Kind.VOID else "host.unknown")


def answer_facts(answer: Message) -> AnswerFacts:
    """What is kept of an answer: no secret field, the card number masked."""
    day, hour, amount = answer.get(13), answer.get(12), answer.get(4)
    others = {number: text for number, text in answer.shown().items() if number not in _OWN_FIELDS}
    return AnswerFacts(
        response=answer.get(39),
        rrn=answer.get(37),
        auth_code=answer.get(38),
        amount=None if amount is None else int(amount),
        at=None if day is None or hour is None else day + hour,
        fields=others,
    )


def _amount_done(refund: Refund, reply: Reply, action: Action) -> int:
    return amount_of(reply) if action.in_part else refund.amount
