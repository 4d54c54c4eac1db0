"""Brings an unknown outcome to its end: repeats of a refund, reversals of a void (R32)."""

from __future__ import annotations

import asyncio
import logging
from typing import Final

from pos_terminal.config import Acquirer
from pos_terminal.core.answers import (
    Action,
    Remedy,
    Sending,
    Trust,
    remedy,
    reversal_reason,
)
from pos_terminal.core.case import CaseKind
from pos_terminal.core.cause import Cause
from pos_terminal.core.refund import Kind, Refund, State
from pos_terminal.core.words import Failure
from pos_terminal.ports import Ledger, Result
from pos_terminal.services.host import loop_time
from pos_terminal.services.host.link import Connection, NoAnswer, NotSent
from pos_terminal.services.host.session import Reply, Session
from pos_terminal.services.money.intent import Intent
from pos_terminal.services.money.judge import judge, judge_late, judge_silence
from pos_terminal.services.money.record import Recorder
from pos_terminal.wire.iso8583 import requests
from pos_terminal.wire.iso8583.message import Message

log = logging.getLogger(__name__)

LEAST_SECONDS: Final = 1.0
"""A try that has less time than this for its answer is left to the background."""
_CASES: Final = {
    Cause.BATCH_CLOSED: CaseKind.BATCH_CLOSED,
    Cause.CARD_DATA_GONE: CaseKind.CARD_DATA_GONE,
}


class Pursuer:
    """One try at a time, for the foreground and the background alike."""

    def __init__(
        self, *, acquirer: Acquirer, session: Session, ledger: Ledger, recorder: Recorder
    ) -> None:
        self._acquirer = acquirer
        self._session = session
        self._ledger = ledger
        self._recorder = recorder
        self._profile = session.profile
        self._reversals: set[int] = set()
        self._hurried = False
        self._reaching: asyncio.Timeout | None = None
        """The time that the try under way has to find its line, and"""
        self._asking: Connection | None = None
        """the line on which it waits for its answer."""

    def was_reversed(self, refund_id: int) -> bool:
        """Whether a 0400 of this void was written: only then does a 0410 say anything. Of an
        earlier process it is not known, and its line ended with it."""
        return refund_id in self._reversals

    def tries_in_round(self, kind: Kind) -> int:
        timing = self._profile.timing
        return timing.reversals_in_round if kind is Kind.VOID else timing.repeats_in_round

    def pause(self, tries: int) -> float:
        """Seconds between the n-th try of a round and the next; it doubles."""
        doubled = self._acquirer.repeat_seconds * 2.0 ** (tries - 1)
        return min(doubled, self._acquirer.background_seconds)

    async def round(self, intent: Intent, deadline: float) -> tuple[Result | None, int]:
        """Tries until an outcome, the end of the round or the deadline; with the tries made."""
        tries = 0
        while tries < self.tries_in_round(intent.kind):
            wait = self.pause(tries) if tries else 0.0
            if deadline - loop_time.now() - wait < LEAST_SECONDS:
                break
            result = await self._late(intent, wait)
            if result is None:
                tries += 1
                result = await self._attempt_quietly(intent, deadline)
            if result is not None:
                return result, tries
        return None, tries

    def hurry(self) -> None:
        """The try under way is waited for no longer: it stays open, its answer may come late."""
        self._hurried = True
        if self._reaching is not None:
            self._reaching.reschedule(loop_time.now())
        if self._asking is not None:
            self._session.link.stop_waiting(self._asking)

    async def attempt(self, intent: Intent, deadline: float) -> Result | None:
        """One repeat or reversal. None: still unknown. Failure or TimeoutError where the
        acquirer can't be reached.

        A new batch ends it: nothing of the old one is sent any more (a case).
        """
        self._hurried = False
        result = await self._late(intent, 0.0)
        if result is not None:
            return result
        line = await self._line(intent, deadline)
        if line is None:
            return await self.leave_to_people(intent.refund, Cause.BATCH_CLOSED)
        message, sending = self._again(intent)
        intent.sent_again = True
        seconds = min(deadline - loop_time.now(), self._profile.timing.answer_seconds)
        try:
            reply = await self._ask(line, intent, message, sending, seconds)
        except (NotSent, NoAnswer) as silence:
            log.info("refund %d: no answer to its %s: %s", intent.refund_id, sending, silence)
            await self.take(intent, judge_silence(intent.refund, sending, silence))
            return await self._late(intent, 0.0)
        return await self.take(intent, judge(self._profile, intent.refund, sending, reply), reply)

    async def _line(self, intent: Intent, deadline: float) -> Connection | None:
        """A line that may carry the message, the try counted; None in another batch."""
        try:
            async with asyncio.timeout_at(deadline) as self._reaching:
                await self._session.ensure()
                if intent.refund.batch != self._ledger.counter.batch():
                    return None
                line = await self._session.link.acquire()
        finally:
            self._reaching = None
        try:
            if self._hurried:
                raise TimeoutError
            await self._ledger.refunds.count_repeat(intent.refund_id)
        except BaseException:
            self._session.link.release(line)
            raise
        return line

    async def _ask(
        self, line: Connection, intent: Intent, message: Message, sending: Sending, seconds: float
    ) -> Reply:
        def sent() -> None:
            if sending is Sending.REVERSAL:
                self._reversals.add(intent.refund_id)

        self._asking = line
        try:
            return await self._session.ask(
                line, message, 0.0 if self._hurried else seconds, sent=sent
            )
        finally:
            self._asking = None

    async def take(
        self, intent: Intent, action: Action, reply: Reply | None = None
    ) -> Result | None:
        """Does what the table says; None where the outcome is unknown, or stays so."""
        if action.concludes and reply is not None:
            self._reversals.discard(intent.refund_id)
            return await self._recorder.concluded(intent, reply, action)
        intent.cause = action.cause or intent.cause
        if reply is not None and reply.trust is Trust.VALID:
            intent.excuse = self._profile.excuse(reply.code)
        if action.signs_on:
            self._session.needed = True
        refund = intent.refund
        if refund.state is State.REVERSING and refund.cause is not intent.cause:
            # the next 0400 says it, after a restart as well
            intent.refund = (await self._recorder.still_open(refund, intent.cause)).refund
        return None

    async def judge_late(self, intent: Intent, reply: Reply) -> Result | None:
        """An answer that came while nobody waited for it."""
        action = judge_late(self._profile, intent.refund, reply, again=intent.sent_again)
        return await self.take(intent, action, reply)

    async def leave_to_people(self, refund: Refund, cause: Cause) -> Result:
        """Nothing is sent by itself any more: a case, and the certificate if there is none."""
        paper = not self._ledger.slips.of_refund(refund.refund_id)
        case = _CASES[cause]
        return await self._recorder.still_open(refund, cause, paper=paper, case=case)

    def _again(self, intent: Intent) -> tuple[Message, Sending]:
        if remedy(intent.kind, self._profile.terms) is Remedy.REVERSE:
            reason = reversal_reason(intent.cause)
            return requests.reversal(self._profile, intent.message, reason), Sending.REVERSAL
        return requests.repeat(self._profile, intent.message), Sending.REPEAT

    async def _late(self, intent: Intent, seconds: float) -> Result | None:
        """Wait so long, and take what comes late meanwhile."""
        end = loop_time.now() + seconds
        while (reply := await _next(intent.late, end - loop_time.now())) is not None:
            result = await self.judge_late(intent, reply)
            if result is not None:
                return result
        return None

    async def _attempt_quietly(self, intent: Intent, deadline: float) -> Result | None:
        try:
            return await self.attempt(intent, deadline)
        except (Failure, TimeoutError) as failure:
            log.info("refund %d: not sent again: %s", intent.refund_id, failure)
            return None


async def _next(late: asyncio.Queue[Reply], seconds: float) -> Reply | None:
    if seconds <= 0:
        return None if late.empty() else late.get_nowait()
    try:
        async with asyncio.timeout(seconds):
            return await late.get()
    except TimeoutError:
        return None
