"""In the background: what is still owed to the acquirer, and answers that come late."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from itertools import count
from typing import Final

from msgspec import Struct

from pos_terminal.config import Acquirer
from pos_terminal.core.answers import Remedy, remedy
from pos_terminal.core.cause import LEFT_TO_PEOPLE, Cause
from pos_terminal.core.refund import Kind, Refund, State
from pos_terminal.core.words import Failure
from pos_terminal.ports import Ledger
from pos_terminal.services.host import loop_time
from pos_terminal.services.host.session import Reply, Session
from pos_terminal.services.money.by_people import ByPeople
from pos_terminal.services.money.foreground import Foreground
from pos_terminal.services.money.in_flight import InFlight
from pos_terminal.services.money.intent import Intent
from pos_terminal.services.money.pursue import Pursuer
from pos_terminal.services.money.record import Recorder, Unrecorded
from pos_terminal.wire.iso8583 import requests
from pos_terminal.wire.iso8583.codec import Decoded
from pos_terminal.wire.iso8583.matching import matches
from pos_terminal.wire.iso8583.message import Message

log = logging.getLogger(__name__)

REPEATS_FIRST: Final = 2
"""How many repeats go before a new message, besides all reversals."""
SLOWEST: Final = 12
"""The pause between background tries grows to this many times ``background_seconds``."""


class _Pace(Struct):
    """When a refund is tried next, in the loop's seconds."""

    tries: int = 0
    due: float = 0.0
    turn: int = 0
    """Its last try is the n-th that was made of anything; 0: none."""


class Pending:
    """Reversals first, then repeats, oldest first; nothing is polled while nothing is owed."""

    def __init__(
        self,
        *,
        acquirer: Acquirer,
        session: Session,
        ledger: Ledger,
        recorder: Recorder,
        pursuer: Pursuer,
        by_people: ByPeople,
        in_flight: InFlight,
        foreground: Foreground,
    ) -> None:
        self._acquirer = acquirer
        self._session = session
        self._ledger = ledger
        self._recorder = recorder
        self._pursuer = pursuer
        self._by_people = by_people
        self._in_flight = in_flight
        self._foreground = foreground
        self._turn = asyncio.Lock()
        """Whoever tries what is owed has it."""
        self._pace: dict[int, _Pace] = {}
        self._turns = count(1)
        self._wake = asyncio.Event()
        self._unreached = 0

    def owed(self) -> Sequence[Refund]:
        """What is still to be sent by itself, in the order of sending."""
        owed = [refund for refund in self._ledger.refunds.open_ones() if self._is_owed(refund)]
        return sorted(owed, key=lambda one: (one.kind is not Kind.VOID, one.refund_id))

    def wake(self) -> None:
        """Something may be owed that was not before, or the acquirer can be reached again."""
        self._wake.set()

    def hand_over(self, refund: Refund, tries: int) -> None:
        """The foreground made so many tries of the round; go on from there."""
        due = loop_time.now() + self._delay(refund.kind, max(tries, 1))
        self._pace[refund.refund_id] = _Pace(tries, due, next(self._turns) if tries else 0)
        self.wake()

    async def serve(self) -> None:
        """Sends what is due, then sleeps until more is. Until cancelled.

        Begins with a sign-on: it brings the keys, the batch number and the time.
        """
        await self._first_sign_on()
        while True:
            self._wake.clear()
            await self._foreground.free()
            await self._sweep()
            await self._sleep_until(self._next_due())

    @property
    def busy(self) -> bool:
        """Whether something that is owed is under way."""
        return self._turn.locked()

    @asynccontextmanager
    async def turn(self, until: float) -> AsyncIterator[None]:
        """The line for whoever has a message: what is under way is waited for until then."""
        try:
            async with asyncio.timeout_at(until):
                await self._turn.acquire()
        except TimeoutError:
            self._pursuer.hurry()
            await self._turn.acquire()
        try:
            yield
        finally:
            self._turn.release()

    async def first(self, until: float, wanted: asyncio.Event) -> None:
        """Before a new message: each owed reversal, then the repeats longest untried, once each,
        whatever their pause; whoever is silent then stays open. Only in one's ``turn``."""
        self._unreached = 0
        for owed in self.before_new():
            if loop_time.now() >= until or not wanted.is_set():
                return
            refund = self._to_try(owed)
            if refund is None:
                continue
            pace = self._pace.setdefault(refund.refund_id, _Pace())
            if not await self._try(refund, pace, until):
                return

    def before_new(self) -> Sequence[Refund]:
        """What is tried before a new message, in that order."""
        owed = sorted(self.owed(), key=self._last_turn)
        repeats = [refund for refund in owed if refund.kind is not Kind.VOID]
        return [one for one in owed if one.kind is Kind.VOID] + repeats[:REPEATS_FIRST]

    def _last_turn(self, refund: Refund) -> int:
        pace = self._pace.get(refund.refund_id)
        return 0 if pace is None else pace.turn

    def _to_try(self, owed: Refund) -> Refund | None:
        """As it is by now; None where nothing of it is to be sent any more."""
        refund = self._ledger.refunds.by_id(owed.refund_id)
        if refund is None or not self._is_owed(refund) or refund.refund_id in self._in_flight:
            return None
        return refund

    async def _sweep(self) -> None:
        """One try for everything that is due, while nobody stands at the counter."""
        for owed in self.owed():
            async with self._turn:
                if not self._foreground.is_free:
                    return
                refund = self._to_try(owed)
                if refund is None:
                    continue
                pace = self._pace.setdefault(refund.refund_id, _Pace())
                if pace.due > loop_time.now():
                    continue
                end = loop_time.now() + self._reach_seconds + self._answer_seconds
                if not await self._try(refund, pace, end):
                    return

    async def late(self, decoded: Decoded) -> None:
        """A frame that nobody waited for: the answer to something open, or nothing to us."""
        await self._late(Reply(decoded.message, self._session.trust(decoded)))

    async def landed(self, intent: Intent) -> None:
        """Nobody works on it any more: what came meanwhile and nobody has looked at."""
        while not intent.late.empty():
            await self._late(intent.late.get_nowait())

    async def _late(self, reply: Reply) -> None:
        for refund in self._ledger.refunds.open_ones():
            if refund.stan != reply.message.get(11):
                continue
            intent = self._in_flight.get(refund.refund_id) or self._intent(refund)
            if intent is None or intent.late.full() or not self._answers(intent, reply.message):
                continue
            log.info("late answer to refund %d: %r", refund.refund_id, reply.message)
            if refund.refund_id in self._in_flight:
                intent.late.put_nowait(reply)
            elif refund.state is not State.SEALED:
                await self._conclude_late(intent, reply)
            # sealed and in nobody's hands: the ledger failed it and can't take this one either.
            # ``recover`` makes it open, and what is sent or told after that ends it
            return
        if not await self._by_people.late(reply):
            log.info("an answer to nothing that is open: %r", reply.message)

    def _is_owed(self, refund: Refund) -> bool:
        return (
            refund.state in (State.UNKNOWN, State.REVERSING)
            and refund.cause not in LEFT_TO_PEOPLE
            and remedy(refund.kind, self._session.profile.terms) is not Remedy.CASE
        )

    def _answers(self, intent: Intent, answer: Message) -> bool:
        profile = self._session.profile
        sent = [intent.message]
        if self._pursuer.was_reversed(intent.refund_id):
            with suppress(ValueError):  # its card data is gone: no reversal was made of it
                sent.append(requests.reversal(profile, intent.message))
        elif remedy(intent.kind, profile.terms) is not Remedy.REVERSE:
            sent.append(requests.repeat(profile, intent.message))
        return any(matches(profile, message, answer) is None for message in sent)

    async def _conclude_late(self, intent: Intent, reply: Reply) -> None:
        with self._in_flight.claim(intent):
            try:
                await self._pursuer.judge_late(intent, reply)
            except Unrecorded as failure:
                log.error("refund %d: late answer not recorded: %s", intent.refund_id, failure)
        await self.landed(intent)

    async def _try(self, refund: Refund, pace: _Pace, deadline: float) -> bool:
        """Whether it makes sense to try the next one as well."""
        try:
            await self._one(refund, pace, deadline)
        except (Failure, TimeoutError) as failure:
            log.info("the acquirer can't be reached: %s", failure)
            self._postpone_all()
            return False
        except Unrecorded as failure:
            log.error("refund %d: outcome not recorded: %s", refund.refund_id, failure)
            pace.due = loop_time.now() + self._acquirer.background_seconds
        return True

    async def _one(self, refund: Refund, pace: _Pace, deadline: float) -> None:
        intent = self._intent(refund)
        if intent is None:
            # no claim: it stays open and only gets its case, which is refused (IllegalMove) where
            # people or the file have ended it meanwhile
            await self._pursuer.leave_to_people(refund, Cause.CARD_DATA_GONE)
            return
        try:
            with self._in_flight.claim(intent):
                await self._work_on(intent, pace, deadline)
        finally:
            await self.landed(intent)

    async def _work_on(self, intent: Intent, pace: _Pace, deadline: float) -> None:
        result = await self._pursuer.attempt(intent, deadline)
        self._unreached = 0
        pace.tries += 1
        pace.turn = next(self._turns)
        pace.due = loop_time.now() + self._delay(intent.kind, pace.tries)
        if result is None:
            await self._certify(intent, pace)
        else:
            self._pace.pop(intent.refund_id, None)

    async def _certify(self, intent: Intent, pace: _Pace) -> None:
        """The certificate after a round without an outcome, where the customer has none."""
        round_over = pace.tries >= self._pursuer.tries_in_round(intent.kind)
        if round_over and not self._ledger.slips.of_refund(intent.refund_id):
            await self._recorder.still_open(intent.refund, intent.cause, paper=True)

    def _intent(self, refund: Refund) -> Intent | None:
        """The refund with its request again; None where that can't be had any more."""
        grounds = self._recorder.grounds(refund)
        if grounds is None:
            return None
        try:
            message = self._ledger.messages.reopen(refund.refund_id)
        except Failure as failure:
            log.error("refund %d can't be sent again: %s", refund.refund_id, failure)
            return None
        cause = refund.cause or Cause.NO_ANSWER
        return Intent(refund, message, grounds, cause, sent_again=refund.repeats > 0)

    def _delay(self, kind: Kind, tries: int) -> float:
        """Within a round the pauses double; between rounds they are long and grow longer.

        A void has round after round, a refund one round and then single tries.
        """
        in_round = self._pursuer.tries_in_round(kind)
        if kind is Kind.VOID:
            within, rounds = tries % in_round, tries // in_round
        else:
            within, rounds = (tries, 0) if tries < in_round else (0, tries - in_round + 1)
        if within:
            return self._pursuer.pause(within)
        return self._acquirer.background_seconds * float(min(rounds, SLOWEST))

    def _postpone_all(self) -> None:
        """The line is down: everything waits for the next try of the line."""
        due = loop_time.now() + self._line_pause()
        for refund in self.owed():
            pace = self._pace.setdefault(refund.refund_id, _Pace())
            pace.due = max(pace.due, due)

    def _line_pause(self) -> float:
        self._unreached += 1
        doubled = self._acquirer.repeat_seconds * 2.0 ** min(self._unreached - 1, 16)
        return min(doubled, self._acquirer.background_seconds)

    async def _first_sign_on(self) -> None:
        while not self._session.signed_on:
            self._wake.clear()
            await self._foreground.free()
            try:
                await self._session.ensure()
            except Failure:
                await self._sleep_until(loop_time.now() + self._line_pause())
        self._unreached = 0

    async def _sleep_until(self, moment: float | None) -> None:
        try:
            async with asyncio.timeout_at(moment):
                await self._wake.wait()
        except TimeoutError:
            return

    @property
    def _reach_seconds(self) -> float:
        timing = self._session.profile.timing
        return timing.connect_seconds * len(self._acquirer.address)

    @property
    def _answer_seconds(self) -> float:
        return self._session.profile.timing.answer_seconds

    def _next_due(self) -> float | None:
        dues = [
            self._pace[refund.refund_id].due if refund.refund_id in self._pace else 0.0
            for refund in self.owed()
            if refund.refund_id not in self._in_flight
        ]
        return min(dues, default=None)
