"""Money to a card: seal, first byte, conclude, and what follows where one fails (R30-R33)."""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Coroutine, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from pos_terminal.core.answers import Remedy, remedy
from pos_terminal.core.case import CaseKind
from pos_terminal.core.line_state import LineState
from pos_terminal.core.refund import Kind, Refund
from pos_terminal.core.sale import Sale
from pos_terminal.core.words import Failure, Words, say
from pos_terminal.ports import (
    Application,
    Awaited,
    Finding,
    FormConfirmation,
    HostState,
    Payee,
    Result,
    Waiting,
)
from pos_terminal.services.host import loop_time
from pos_terminal.services.host.link import Connection, Silence
from pos_terminal.services.host.session import SIGN_ON_SECONDS
from pos_terminal.services.money.intent import Intent
from pos_terminal.services.money.parts import Parts
from pos_terminal.services.money.record import Unrecorded
from pos_terminal.services.money.request import guard_card
from pos_terminal.services.money.waits import Waits
from pos_terminal.wire.iso8583.codec import Decoded

if TYPE_CHECKING:
    from pos_terminal.core.settling import Settling
    from pos_terminal.ports.books.outcomes import OutcomeReport
    from pos_terminal.wire.feed.outcome import OutcomeFile

log = logging.getLogger(__name__)


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
        self._foreground = parts.foreground
        self._waits = Waits(parts.changed)
        self._cleared = False
        """Whether what is owed was tried since the last new message."""
        self._link.stray = self._stray
        self._prober = parts.prober
        self._link.seen.changed = self._line_changed
        self._foreground.changed = self._prober.look
        self._tasks: set[asyncio.Task[Any]] = set()

    @property
    def state(self) -> HostState:
        seen, now = self._link.seen, loop_time.now()

        def at(moment: float) -> datetime:
            """As the clock has it by now, which may have been put right since."""
            return self._clock.now() - timedelta(seconds=now - moment)

        return HostState(
            line=seen.state,
            since=at(seen.since),
            probed_at=None if seen.proved_at is None else at(seen.proved_at),
            connected=self._link.connected,
            signed_on=self._session.signed_on,
            pending=len(self._pending.owed()),
            stopped=self.stopped,
            trouble=self.trouble or self._not_signed_on,
            demand=self._session.demand,
        )

    @property
    def line(self) -> LineState:
        return self._link.seen.state

    @property
    def trouble(self) -> Words | None:
        """A line that is down or silent, or a sign-on that failed."""
        if self._link.seen.trouble is not None:
            return self._link.seen.trouble
        refused = None if self._session.signed_on else self._session.trouble
        return None if refused is None or _of_a_line(refused) else refused

    @property
    def ready(self) -> bool:
        """Whether the acquirer knows us and its line is not known to be down."""
        return self._session.signed_on and self.line is not LineState.DOWN

    @property
    def _not_signed_on(self) -> Words | None:
        return None if self._session.signed_on else say("host.not_signed_on")

    @property
    def probing(self) -> int:
        """Whole seconds that the probe under way takes at most; 0 where none is."""
        return math.ceil(self._prober.left)

    def _line_changed(self) -> None:
        """The screen says it, and what waited for the line begins."""
        self._parts.changed()
        self._prober.look()
        if self.line is LineState.UP and not self._session.signed_on:
            self._pending.wake()

    @property
    def stopped(self) -> Words | None:
        return self._recovery.stopped

    @property
    def waiting(self) -> Waiting | None:
        """What is waited for now, the newest wait first."""
        return self._waits.newest

    @contextmanager
    def sale(self) -> Iterator[None]:
        """While a sale is on the screen nothing begins in the background."""
        with self._foreground.sale():
            try:
                yield
            finally:
                self._cleared = False

    def elsewhere(self) -> AbstractContextManager[None]:
        """While the lock or an outcome is on the screen the background goes on."""
        return self._foreground.elsewhere()

    def watched(self) -> AbstractContextManager[None]:
        """While somebody looks at how the line is, it is tried."""
        return self._foreground.watched()

    def must_take(self, kind: Kind, sale: Sale, leg: int) -> None:
        """Failure ``host.…`` where the acquirer takes no such refund of this payment."""
        self._sender.must_take(kind, sale, leg)

    # --- before the card ------------------------------------------------------------------

    async def prepare(self) -> None:
        """Connect, sign on, send what is owed. Failure ``host.…``; nothing was promised yet."""
        with self._foreground.message():
            await self._recovery.must_trade()
            await self._clear_the_line(connect=True)
            doubt = self._clock.doubt
            if doubt is not None:
                raise Failure.of(doubt)

    async def _clear_the_line(self, *, connect: bool) -> None:
        """What is under way is waited for, and what is owed goes before a new message (R32)."""
        left = await self._end_of_what_is_under_way(self._config.acquirer.owed_seconds)
        if connect:
            with self._waits.counting_down(Awaited.LINE, self._reach):
                self._link.release(await self._link.acquire())
            if self._clock.doubt is not None:
                self._session.needed = True  # it is a sign-on that tells the time
        with self._waits.counting_down(Awaited.SIGN_ON, self._reach + SIGN_ON_SECONDS):
            await self._session.ensure()
        if self._pending.before_new():
            wanted = asyncio.Event()
            wanted.set()
            try:
                await asyncio.shield(self._spawn(self._owed_first(left, wanted)))
            except asyncio.CancelledError:
                wanted.clear()
                raise
        self._cleared = True

    async def _end_of_what_is_under_way(self, seconds: float) -> float:
        """Of these seconds, those that are left of it for what is owed."""
        if not self._pending.busy:
            return seconds
        started = loop_time.now()
        with self._waits.counting_down(Awaited.OWED, seconds):
            async with self._pending.turn(started + seconds):
                return max(0.0, seconds - (loop_time.now() - started))

    async def _owed_first(self, seconds: float, wanted: asyncio.Event) -> None:
        """What is under way goes to its end; nothing more begins once it is not wanted."""
        until = loop_time.now() + seconds
        with self._waits.counting_down(Awaited.OWED, seconds):
            async with self._pending.turn(until):
                await self._pending.first(until, wanted)
        self._pending.wake()

    @property
    def _reach(self) -> float:
        """Seconds that all addresses together may take."""
        return self._profile.timing.connect_seconds * self._link.addresses

    async def sign_on(self) -> None:
        """Sign on now; trading that the acquirer had stopped goes on. Failure ``host.…``."""
        with self._foreground.message():
            await self._end_of_what_is_under_way(self._config.acquirer.owed_seconds)
            with self._waits.counting_down(Awaited.SIGN_ON, self._reach + SIGN_ON_SECONDS):
                await self._session.sign_on()
        if self._parts.ledger.counter.stopped() is not None:
            await self._parts.ledger.counter.resume()
        self._trade.signed_on()
        self._pending.wake()

    async def echo(self) -> float:
        """An echo there and back: the seconds it took. Failure ``host.…``."""
        with self._foreground.message():
            await self._end_of_what_is_under_way(self._config.acquirer.owed_seconds)
            with self._waits.counting_down(Awaited.ECHO, self._reach + SIGN_ON_SECONDS):
                return await self._session.echo()

    # --- money ----------------------------------------------------------------------------

    async def authorise(self, application: Application, sale: Sale, card: Payee | None) -> Result:
        """From the seal to the outcome, within ``customer_seconds``.

        Cancelled before the seal it ends; from the seal on it goes to its end whoever waits.
        Failure where nothing was sealed: ``host.…``, ``ledger.…``.
        """
        deadline = loop_time.now() + self._config.acquirer.customer_seconds
        with ExitStack() as stack:
            stack.enter_context(self._foreground.message())
            await self._recovery.must_trade()
            profile = self._session.profile
            guarded = guard_card(
                application,
                sale,
                card,
                checked=profile.checks_card,
                by_reference=profile.by_reference,
            )
            if self._pending.busy or not self._cleared:
                await self._clear_the_line(connect=False)
            await self._session.ensure()
            self._sender.must_take(application.kind, sale, application.leg)
            self._sender.check_void(application, sale)
            line = await self._link.acquire()
            self._cleared = False
            work = self._carry_out(application, sale, guarded, line, deadline)
            kept = _keeping(stack.pop_all(), work)
        return await asyncio.shield(self._spawn(kept))

    async def _carry_out(
        self,
        application: Application,
        sale: Sale,
        card: Payee,
        line: Connection,
        deadline: float,
    ) -> Result:
        try:
            intent = await self._sender.seal(application, sale, card)
        except BaseException:
            self._link.release(line)
            raise
        try:
            with self._in_flight.claim(intent), self._until_certificate(intent, deadline):
                return await self._whatever_comes(intent, card, line, deadline)
        finally:
            if not intent.late.empty():
                self._spawn(self._pending.landed(intent))

    def _until_certificate(self, intent: Intent, deadline: float) -> AbstractContextManager[None]:
        """What can't be pursued gets it as soon as its first answer does not come."""
        case = remedy(intent.kind, self._profile.terms) is Remedy.CASE

        def until() -> float:
            asking = intent.asking_until if case else None
            return deadline if asking is None else asking

        return self._waits.awaiting(Awaited.ANSWER, until)

    async def _whatever_comes(
        self, intent: Intent, card: Payee, line: Connection, deadline: float
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
        self, intent: Intent, card: Payee, line: Connection, deadline: float
    ) -> Result:
        result = await self._sender.send(intent, card, line, deadline)
        if result is not None:
            return result
        way = remedy(intent.kind, self._profile.terms)
        if way is Remedy.CASE:
            return await self._recorder.still_open(
                intent.refund,
                intent.cause,
                paper=True,
                case=CaseKind.UNKNOWN_OUTCOME,
                excuse=intent.excuse,
            )
        if way is Remedy.REVERSE:
            # durable before the 0400 leaves: from here on a late approval is ignored
            intent.refund = (await self._recorder.still_open(intent.refund, intent.cause)).refund
        result, tries = await self._pursuer.round(intent, deadline)
        if result is not None:
            return result
        result = await self._recorder.still_open(
            intent.refund, intent.cause, paper=True, excuse=intent.excuse
        )
        self._pending.hand_over(result.refund, tries)
        return result

    # --- what people found out ------------------------------------------------------------

    def given_up_from(self, refund: Refund) -> datetime | None:
        """From when on "not paid" may be said of it."""
        return self._by_people.given_up_from(refund)

    async def confirm_form(self, refund_id: int, confirmation: FormConfirmation) -> Result:
        """A manual refund was carried out. It goes to its end whoever waits."""
        ended = self._by_people.confirm_form(refund_id, confirmation)
        return await asyncio.shield(self._spawn(ended))

    async def conclude_by_people(self, refund_id: int, finding: Finding) -> Result:
        """What two people found of an unknown outcome; also while trading is stopped.

        It goes to its end whoever waits. Failure ``host.…``, ``ledger.…``.
        """
        return await asyncio.shield(self._spawn(self._by_people.conclude(refund_id, finding)))

    def preview_file(self, file: OutcomeFile) -> OutcomeReport:
        """What the acquirer's file would come to now."""
        return self._parts.by_file.preview(file)

    async def conclude_by_file(
        self, file: OutcomeFile, shown: Settling | None = None, supervisor: str = ""
    ) -> OutcomeReport:
        """What the acquirer's file tells; also while trading is stopped.

        It goes to its end whoever waits. Failure ``ledger.…``, ``outcomes.moving``.
        """
        work = self._parts.by_file.take(file, shown, supervisor)
        return await asyncio.shield(self._spawn(work))

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
            group.create_task(self._prober.run(), name="prober")
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


def _of_a_line(why: Words) -> bool:
    """A sign-on that failed so fails no more once the line is back."""
    return why.code in _LINE or why.values.get("cause") == Silence.LOST.value


_LINE: Final = frozenset({"host.not_sent", "host.identity", "host.line_dropped"})


async def _keeping(kept: ExitStack, work: Coroutine[Any, Any, Result]) -> Result:
    """The work, and until its end what was entered for it."""
    with kept:
        return await work
