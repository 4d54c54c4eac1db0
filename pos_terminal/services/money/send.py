"""The seal and the first send: once, or once more where the acquirer surely did not take it."""

from __future__ import annotations

import logging
from collections.abc import Callable

from pos_terminal.config import Config
from pos_terminal.core.answers import Action, Turn, first_sending
from pos_terminal.core.refund import NOT_COUNTED, Kind, State
from pos_terminal.core.sale import Sale
from pos_terminal.core.words import Failure
from pos_terminal.ports import Application, Clock, Drawn, Grounds, Ledger, Payee, Result
from pos_terminal.services.host import loop_time
from pos_terminal.services.host.link import Connection, NoAnswer, NotSent
from pos_terminal.services.host.session import Reply, Session
from pos_terminal.services.money.in_flight import InFlight
from pos_terminal.services.money.intent import Intent
from pos_terminal.services.money.judge import judge, judge_silence
from pos_terminal.services.money.pursue import Pursuer
from pos_terminal.services.money.record import Recorder
from pos_terminal.services.money.request import builder
from pos_terminal.wire.iso8583.message import Message

log = logging.getLogger(__name__)


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
        in_flight: InFlight,
    ) -> None:
        self._config = config
        self._session = session
        self._profile = session.profile
        self._ledger = ledger
        self._clock = clock
        self._recorder = recorder
        self._pursuer = pursuer
        self._in_flight = in_flight

    def must_take(self, kind: Kind, sale: Sale, leg: int) -> None:
        """The acquirer takes so many refunds of a payment, and none of an older one.

        Failure ``host.too_many_refunds`` or ``host.too_old``.
        """
        most, days = self._profile.refunds_per_sale, self._profile.refund_window_days
        if kind is not Kind.REFUND:
            return
        unmade = NOT_COUNTED - {State.RETURNED}
        made = sum(
            one.kind is Kind.REFUND and one.leg == leg and one.state not in unmade
            for one in self._ledger.refunds.of_sale(sale.key)
        )
        if most is not None and made >= most:
            raise Failure("host.too_many_refunds", most=most)
        payment = sale.tender(leg).payment
        on = (sale.sold_at if payment is None else payment.paid_at).date()
        if days is not None and (self._clock.now().date() - on).days > days:
            raise Failure("host.too_old", days=days)

    def check_void(self, application: Application, sale: Sale) -> None:
        """A void belongs into the batch and the day of its payment, which may have passed since it
        was approved. Failure ``host.void_too_late``."""
        payment = sale.tender(application.leg).payment
        if application.kind is not Kind.VOID or payment is None:
            return
        own = payment.terminal_id == self._config.terminal.terminal_id
        closed = own and payment.batch != self._ledger.counter.batch()
        if closed or payment.paid_at.date() != self._clock.now().date():
            raise Failure("host.void_too_late")

    async def seal(self, application: Application, sale: Sale, card: Payee) -> Intent:
        """Seal: one commit. Failure where nothing was changed."""
        build = self._build(application, sale, card)
        grounds = Grounds.of(self._ledger, application, sale, self._clock.now())
        sealed = await self._ledger.seal(application.number, card, build)
        return Intent(sealed.refund, sealed.message, grounds)

    def _build(
        self, application: Application, sale: Sale, card: Payee
    ) -> Callable[[Drawn], Message]:
        fits = self._session.fits
        return builder(self._config, self._profile, application, sale, card, fits=fits)

    async def send(
        self, intent: Intent, card: Payee, line: Connection, deadline: float
    ) -> Result | None:
        """The first send, and once more where it was surely not taken. None: unknown."""
        sending, turn = first_sending(intent.kind), Turn.FIRST
        while True:
            seconds = self._answer_time(deadline)
            intent.asking_until = loop_time.now() + seconds
            try:
                reply = await self._session.ask(
                    line, intent.message, seconds, fresh=intent.sent_again
                )
            except (NotSent, NoAnswer) as silence:
                return await self._unanswered(
                    intent, judge_silence(intent.refund, sending, silence, turn)
                )
            action = judge(self._profile, intent.refund, sending, reply, turn)
            if not action.sends_again:
                return await self._pursuer.take(intent, action, reply)
            again = await self._anew(intent, card, action, reply)
            turn = Turn.UNPROVEN if action is Action.SEND_BELIEVED else Turn.SECOND
            if again is None:
                action = judge(self._profile, intent.refund, sending, reply, turn)
                return await self._pursuer.take(intent, action, reply)
            if isinstance(again, Result):
                return again
            line = again

    async def _unanswered(self, intent: Intent, action: Action) -> Result | None:
        if action is Action.NOT_SENT:
            return await self._recorder.not_sent(intent, action.unsent)
        return await self._pursuer.take(intent, action)

    async def _anew(
        self, intent: Intent, card: Payee, action: Action, reply: Reply
    ) -> Connection | Result | None:
        """Sign on and get ready to send once more; None where that can't or may not be done.

        The result where it could only have gone out under another STAN, and got none.
        """
        self._session.needed = True
        try:
            await self._session.ensure()
            line = await self._session.link.acquire()
        except Failure as failure:
            log.info("no second try: %s", failure)
            return None
        new_batch = self._ledger.counter.batch() != intent.refund.batch
        if action is not Action.SEND_ANEW and not new_batch:
            # a copy of the first answer is none to this, nor is one that comes late
            intent.sent_again = True
            return line
        if action is Action.SEND_BELIEVED:
            self._session.link.release(line)
            return None
        try:
            result = await self._reseal(intent, card, reply)
        except BaseException:
            self._session.link.release(line)
            raise
        if result is None:
            return line
        self._session.link.release(line)
        return result

    async def _reseal(self, intent: Intent, card: Payee, reply: Reply) -> Result | None:
        """A new STAN in the new batch for a request that the acquirer surely did not take.

        One commit, so that no request is ever between its two STANs. The result where it can't
        be had: it was sent and not taken, nothing is sent any more, and the slip says so.
        """
        application, sale = intent.grounds.application, intent.grounds.sale
        old, cause = intent.refund, Action.SEND_ANEW.unsent
        try:
            self.check_void(application, sale)
            build = self._build(application, sale, card)
            fresh = await self._ledger.reseal(old.refund_id, cause, card, build)
        except Failure as failure:
            log.info("not sealed again: %s", failure)
            return await self._recorder.not_taken(intent, reply, cause)
        intent.refund, intent.message = fresh.refund, fresh.message
        self._in_flight.follow(intent)
        log.info("refund %d is sealed anew as %d", old.refund_id, fresh.refund.refund_id)
        return None

    def _answer_time(self, deadline: float) -> float:
        return min(self._profile.timing.answer_seconds, deadline - loop_time.now())
