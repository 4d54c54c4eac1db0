"""Money to a card: seal, first byte, conclude, and what follows where one fails (R30-R33)."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from pos_terminal.core.answers import Remedy, remedy
from pos_terminal.core.case import CaseKind
from pos_terminal.core.refund import Refund
from pos_terminal.core.sale import Sale
from pos_terminal.core.words import Failure, Words, say
from pos_terminal.ports import (
    Application,
    CardFacts,
    Finding,
    HostState,
    Result,
)
from pos_terminal.services.host import loop_time
from pos_terminal.services.host.link import Connection
from pos_terminal.services.money.intent import Intent
from pos_terminal.services.money.parts import Parts
from pos_terminal.services.money.record import Unrecorded
from pos_terminal.services.money.request import guard_card
from pos_terminal.wire.iso8583.codec import Decoded

if TYPE_CHECKING:
    from pos_terminal.ports.books.outcomes import OutcomeReport
    from pos_terminal.wire.feed.outcome import OutcomeFile

log = logging.getLogger(__name__)

PENDING_SECONDS: Final = 15.0
"""How long a clerk waits while older reversals and repeats go first; the rest goes on behind."""


class HostAuthoriser:
    """Fulfils ``ports.Authoriser``."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._config, self._profile, self._clock = parts.config, parts.dialect, parts.clock
        self._trade, self._in_flight = parts.trade, parts.in_flight
        self._link, self._session = parts.link, parts.session
        self._recorder, self._sender = parts.recorder, parts.sender
        self._pursuer, self._pending = parts.pursuer, parts.pending
        self._by_people, self._recovery = parts.by_people, parts.recovery
        self._link.stray = self._stray
        self._link.changed = parts.changed
        self._tasks: set[asyncio.Task[Any]] = set()

    @property
    def state(self) -> HostState:
        return HostState(
            connected=self._link.connected,
            signed_on=self._session.signed_on,
            pending=len(self._pending.owed()),
            stopped=self._trade.stopped,
            trouble=self._trouble,
            demand=self._session.demand,
        )

    @property
    def online(self) -> bool:
        return self._session.signed_on and self._link.connected

    @property
    def _trouble(self) -> Words | None:
        if self.online:
            return None
        return self._link.trouble or self._session.trouble or say("host.not_signed_on")

    @property
    def stopped(self) -> Words | None:
        return self._trade.stopped

    # --- before the card ------------------------------------------------------------------

    async def prepare(self) -> None:
        """Connect, sign on, send what is owed. Failure ``host.…``; nothing was promised yet."""
        await self._recovery.must_trade()
        self._link.release(await self._link.acquire())
        if self._clock.doubt is not None:
            self._session.needed = True  # it is a sign-on that tells the time
        await self._session.ensure()
        deadline = loop_time.now() + PENDING_SECONDS
        if self._pending.owed():
            await asyncio.shield(self._spawn(self._pending.sweep(deadline)))
            self._pending.wake()
        doubt = self._clock.doubt
        if doubt is not None:
            raise Failure.of(doubt)

    async def sign_on(self) -> None:
        """Sign on now; trading that the acquirer had stopped goes on. Failure ``host.…``."""
        await self._session.sign_on()
        self._trade.signed_on()
        self._pending.wake()

    async def echo(self) -> float:
        """An echo there and back: the seconds it took. Failure ``host.…``."""
        return await self._session.echo()

    # --- money ----------------------------------------------------------------------------

    async def authorise(
        self, application: Application, sale: Sale, card: CardFacts | None
    ) -> Result:
        """From the seal to the outcome, within ``customer_seconds``.

        Cancelled before the seal it ends; from the seal on it goes to its end whoever waits.
        Failure where nothing was sealed: ``host.…``, ``ledger.…``.
        """
        deadline = loop_time.now() + self._config.acquirer.customer_seconds
        await self._recovery.must_trade()
        guarded = guard_card(application, sale, card)
        await self._session.ensure()
        self._sender.check_void(application, sale)
        line = await self._link.acquire()
        work = self._carry_out(application, sale, guarded, line, deadline)
        return await asyncio.shield(self._spawn(work))

    async def _carry_out(
        self,
        application: Application,
        sale: Sale,
        card: CardFacts,
        line: Connection,
        deadline: float,
    ) -> Result:
        try:
            intent = await self._sender.seal(application, sale, card)
        except BaseException:
            self._link.release(line)
            raise
        try:
            with self._in_flight.claim(intent):
                return await self._whatever_comes(intent, card, line, deadline)
        finally:
            if not intent.late.empty():
                self._spawn(self._pending.landed(intent))

    async def _whatever_comes(
        self, intent: Intent, card: CardFacts, line: Connection, deadline: float
    ) -> Result:
        try:
            return await self._to_the_end(intent, card, line, deadline)
        except Unrecorded as failure:
            # sent, perhaps approved, and not recorded: the refund stays sealed, R33 finishes it
            return Result(intent.refund, say("host.unrecorded"), failure.words)
        except Exception:
            # a defect must not leave a request that may have been paid to nobody
            log.exception("refund %d: ended by a defect", intent.refund_id)
            words = say("host.defect")
            self._trade.stop(words, broken=True)
            return Result(intent.refund, say("host.unrecorded"), words)

    async def _to_the_end(
        self, intent: Intent, card: CardFacts, line: Connection, deadline: float
    ) -> Result:
        result = await self._sender.send(intent, card, line, deadline)
        if result is not None:
            return result
        way = remedy(intent.kind, self._profile.terms)
        if way is Remedy.CASE:
            return await self._recorder.still_open(
                intent.refund, intent.cause, paper=True, case=CaseKind.UNKNOWN_OUTCOME
            )
        if way is Remedy.REVERSE:
            # durable before the 0400 leaves: from here on a late approval is ignored
            intent.refund = (await self._recorder.still_open(intent.refund, intent.cause)).refund
        result, tries = await self._pursuer.round(intent, deadline)
        if result is not None:
            return result
        result = await self._recorder.still_open(intent.refund, intent.cause, paper=True)
        self._pending.hand_over(result.refund, tries)
        return result

    # --- what people found out ------------------------------------------------------------

    def given_up_from(self, refund: Refund) -> datetime:
        """From when on "not paid" may be said of it."""
        return self._by_people.given_up_from(refund)

    async def conclude_by_people(self, refund_id: int, finding: Finding) -> Result:
        """What two people found of an unknown outcome; also while trading is stopped.

        It goes to its end whoever waits. Failure ``host.…``, ``ledger.…``.
        """
        return await asyncio.shield(self._spawn(self._by_people.conclude(refund_id, finding)))

    async def conclude_by_file(self, file: OutcomeFile) -> OutcomeReport:
        """What the acquirer's file tells; also while trading is stopped.

        It goes to its end whoever waits. Failure ``ledger.…``, ``outcomes.moving``.
        """
        return await asyncio.shield(self._spawn(self._parts.by_file.take(file)))

    # --- at start-up and behind ------------------------------------------------------------

    async def recover(self) -> Sequence[Refund]:
        """Every sealed refund that nobody works on gets its state: sent or not can't be told.

        Failure ``ledger.…`` where that can't be written.
        """
        return await self._recovery.recover()

    async def run(self) -> None:
        """Background: the first sign-on, what is owed, late answers, and a ledger that could not
        be written. Until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._pending.serve(), name="pending")
            group.create_task(self._recovery.run(), name="mend")

    async def close(self) -> None:
        """Wait for what is under way, at most as long as a customer would; close the line."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=self._config.acquirer.customer_seconds)
        self._link.close()

    def _stray(self, decoded: Decoded) -> None:
        self._spawn(self._pending.late(decoded))

    def _spawn(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)
        return task

    def _done(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        failure = None if task.cancelled() else task.exception()
        if failure is not None and not isinstance(failure, Failure):
            log.error("a task of the host link ended with %r", failure)
