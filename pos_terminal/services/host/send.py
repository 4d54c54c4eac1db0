"""S and the first send: once, or once more where the acquirer surely did not take it."""

from __future__ import annotations

import logging
from typing import Final

from pos_terminal.config import Config
from pos_terminal.core.refund import Kind, State
from pos_terminal.core.sale import Sale
from pos_terminal.core.words import Failure, say
from pos_terminal.ports import Application, CardFacts, Clock, Ledger, Result
from pos_terminal.services.host import loop_time
from pos_terminal.services.host.intent import Cause, Intent, first_column
from pos_terminal.services.host.link import Line, NoAnswer, NotSent
from pos_terminal.services.host.pursue import Pursuer
from pos_terminal.services.host.record import Recorder
from pos_terminal.services.host.request import builder
from pos_terminal.services.host.session import Reply, Session
from pos_terminal.services.slips import Papers
from pos_terminal.wire.iso8583.responses import Action

log = logging.getLogger(__name__)

_SIGN_ON: Final = (Action.SIGN_ON_SAME_STAN, Action.SIGN_ON_NEW_STAN)


class Sender:
    """Seals a request and sends it for the first time."""

    def __init__(
        self,
        *,
        config: Config,
        session: Session,
        ledger: Ledger,
        clock: Clock,
        recorder: Recorder,
        pursuer: Pursuer,
        flying: dict[int, Intent],
    ) -> None:
        self._config = config
        self._session = session
        self._profile = session.profile
        self._ledger = ledger
        self._clock = clock
        self._recorder = recorder
        self._pursuer = pursuer
        self._flying = flying

    def check_void(self, application: Application, sale: Sale) -> None:
        """A void belongs into the batch of its sale. Failure ``host.void_too_late``."""
        own = sale.terminal_id == self._config.terminal.terminal_id
        if application.kind is Kind.VOID and own and sale.batch != self._ledger.batch():
            raise Failure("host.void_too_late")

    async def seal(self, application: Application, sale: Sale, card: CardFacts) -> Intent:
        """S: one commit. Failure where nothing was changed."""
        now = self._clock.now()
        build = builder(
            self._config,
            self._profile,
            application,
            sale,
            card,
            now=now,
            fits=self._session.frame,
        )
        papers = Papers.of(self._ledger, application, sale, now)
        sealed = await self._ledger.seal(application.number, card, build)
        return Intent(sealed.refund, sealed.message, papers)

    async def send(
        self, intent: Intent, card: CardFacts, line: Line, deadline: float
    ) -> Result | None:
        """The first send, and once more where it was surely not taken. None: unknown."""
        for last in (False, True):
            try:
                reply = await self._session.ask(line, intent.message, self._answer_time(deadline))
            except NotSent:
                return await self._recorder.not_sent(intent, say("host.line_dropped"))
            except NoAnswer as silence:
                intent.cause = Cause(f"host.{silence.silence}")
                return None
            action = self._profile.response(reply.code, first_column(intent.kind), reply.trust)
            if action not in _SIGN_ON:
                return await self._judge_first(intent, reply, action)
            again = None if last else await self._anew(intent, card, action)
            if again is None:
                break
            line = again
        return await self._not_taken(intent, reply)

    async def _not_taken(self, intent: Intent, reply: Reply) -> Result:
        """The acquirer only asked for a sign-on, and that did not help."""
        if intent.refund.state is State.NOT_SENT:
            return await self._recorder.not_taken(intent)
        return await self._recorder.declined(intent, reply, Action.DECLINE)

    async def _judge_first(self, intent: Intent, reply: Reply, action: Action) -> Result | None:
        result = await self._pursuer.judge(intent, reply, first_column(intent.kind))
        if result is None:
            intent.cause = Cause.BAD_MAC if action is Action.UNTRUSTED else Cause.UNCLEAR
        return result

    async def _anew(self, intent: Intent, card: CardFacts, action: Action) -> Line | None:
        """Sign on and get ready to send once more; None where that can't be done."""
        self._session.needed = True
        try:
            await self._session.ensure()
            line = await self._session.link.acquire()
        except Failure as failure:
            log.info("no second try: %s", failure)
            return None
        new_batch = self._ledger.batch() != intent.refund.batch
        if action is Action.SIGN_ON_SAME_STAN and not new_batch:
            return line
        try:
            await self._reseal(intent, card)
        except Failure as failure:
            log.info("not sealed again: %s", failure)
            self._session.link.release(line)
            return None
        except BaseException:
            self._session.link.release(line)
            raise
        return line

    async def _reseal(self, intent: Intent, card: CardFacts) -> None:
        """A new STAN in the new batch for a request that the acquirer surely did not take."""
        application, sale = intent.papers.application, intent.papers.sale
        self.check_void(application, sale)
        old = intent.refund
        await self._recorder.not_sent(intent, say("host.new_batch"), paper=False)
        fresh = await self.seal(application, sale, card)
        intent.refund, intent.message = fresh.refund, fresh.message
        self._flying[fresh.refund_id] = intent
        log.info("refund %d is sealed anew as %d", old.refund_id, fresh.refund_id)

    def _answer_time(self, deadline: float) -> float:
        return min(self._config.acquirer.answer_seconds, deadline - loop_time.now())
