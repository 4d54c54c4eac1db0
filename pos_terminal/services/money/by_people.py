"""An outcome that only people can tell, and an approval that comes after they told it (R32)."""

from __future__ import annotations

import logging
from datetime import datetime, tzinfo

from pos_terminal.core.answers import Action
from pos_terminal.core.cut_off import day_ends
from pos_terminal.core.local_time import local
from pos_terminal.core.refund import OPEN, Kind, Refund, State
from pos_terminal.core.sale import TenderKind
from pos_terminal.core.words import Failure
from pos_terminal.ports import Finding, FormConfirmation, Ledger, Result, TrustedClock
from pos_terminal.services.host.session import Reply
from pos_terminal.services.money.in_flight import InFlight
from pos_terminal.services.money.intent import Intent
from pos_terminal.services.money.judge import judge_late
from pos_terminal.services.money.record import Recorder, Unrecorded
from pos_terminal.wire.iso8583 import requests
from pos_terminal.wire.iso8583.matching import matches
from pos_terminal.wire.iso8583.profile import Profile
from pos_terminal.zones import zone_of

log = logging.getLogger(__name__)


class ByPeople:
    """Concludes what people found out. Nobody else works on that refund meanwhile."""

    def __init__(
        self,
        *,
        profile: Profile,
        zone: tzinfo,
        ledger: Ledger,
        recorder: Recorder,
        clock: TrustedClock,
        in_flight: InFlight,
    ) -> None:
        self._profile = profile
        self._zone = zone
        self._ledger = ledger
        self._recorder = recorder
        self._clock = clock
        self._in_flight = in_flight

    def given_up_from(self, refund: Refund) -> datetime | None:
        """The acquirer's cut-off on the shop's clock: until then it may still pay what it has.

        None for a form that goes to somebody else: a platform or a bank has none.
        """
        if refund.kind is Kind.MANUAL and not self._is_of_card(refund):
            return None
        profile = self._profile
        end = day_ends(refund.sealed_at, profile.cut_off, zone_of(profile.timezone))
        return local(end, self._zone)

    async def conclude(self, refund_id: int, finding: Finding) -> Result:
        """One commit. Failure where it may not be, or can't be written."""
        refund = self._ledger.refunds.by_id(refund_id)
        if refund is None or not _may_be_told(refund, finding):
            raise Failure("host.ended_elsewhere")
        if refund.kind is Kind.MANUAL:
            return await self._form_ended(refund, finding)
        if refund_id in self._in_flight:
            raise Failure("host.trying_now")
        if not finding.paid:
            self.must_be_over(refund)
        intent = self.intent(refund)
        try:
            with self._in_flight.claim(intent):
                return await self._recorder.concluded_by_people(refund, finding)
        except Unrecorded as failure:
            raise Failure.of(failure.words) from None
        finally:
            await self.landed(intent)

    async def confirm_form(self, refund_id: int, confirmation: FormConfirmation) -> Result:
        """A manual refund was carried out; one commit. Failures as of ``conclude``."""
        refund = self._ledger.refunds.by_id(refund_id)
        if refund is None or refund.state is not State.FORM_PRINTED:
            raise Failure("host.ended_elsewhere")
        try:
            return await self._recorder.confirmed_by_people(refund, confirmation)
        except Unrecorded as failure:
            raise Failure.of(failure.words) from None

    async def _form_ended(self, refund: Refund, finding: Finding) -> Result:
        """Nothing of it is on the line: nobody else works on it."""
        if not finding.paid:
            self.must_be_over(refund)
        try:
            return await self._recorder.concluded_by_people(refund, finding)
        except Unrecorded as failure:
            raise Failure.of(failure.words) from None

    async def late(self, reply: Reply) -> bool:
        """An answer that nobody waited for: whether it belongs to something that is not paid here.

        Only an approval changes anything. Of a void that was given up, too: its hold is free, so
        it is not ignored as it would be while its reversal is owed.
        """
        for refund in self._ledger.refunds.unpaid(reply.message.get(11) or ""):
            if not self._answers(refund, reply):
                continue
            held = self._in_flight.get(refund.refund_id)
            if held is None:
                await self._contradict(refund, reply)
            elif not held.late.full():
                held.late.put_nowait(reply)
            return True
        return False

    async def landed(self, *intents: Intent) -> None:
        """Nobody works on them any more: what came meanwhile and nobody has looked at."""
        for intent in intents:
            while not intent.late.empty():
                await self.late(intent.late.get_nowait())

    def must_be_over(self, refund: Refund) -> None:
        """Failure before the cut-off, or while nobody knows what time it is."""
        doubt = self._clock.doubt
        if doubt is not None:
            raise Failure.of(doubt)
        end = self.given_up_from(refund)
        if end is not None and self._clock.now() < end:
            raise Failure("host.too_early", since=f"{end:%m-%d %H:%M}")

    def _is_of_card(self, refund: Refund) -> bool:
        sale = self._ledger.sales.by_key(refund.sale_key)
        return sale is not None and sale.tender(refund.leg).kind is TenderKind.CARD

    def intent(self, refund: Refund) -> Intent:
        """To claim it; its card data may be gone. Failure where the ledger lacks its papers."""
        grounds = self._recorder.grounds(refund)
        if grounds is None:
            raise Failure("host.ended_elsewhere")
        try:
            message = self._ledger.messages.reopen(refund.refund_id)
        except Failure:
            message = self._ledger.messages.request(refund.refund_id)
        return Intent(refund, message, grounds)

    def _answers(self, refund: Refund, reply: Reply) -> bool:
        sent = self._ledger.messages.request(refund.refund_id)
        again = requests.repeat(self._profile, sent)
        named = reply.message.shown().get("2")
        if named is not None and refund.masked not in (None, named):
            return False  # the number itself is gone
        return any(matches(self._profile, one, reply.message) is None for one in (sent, again))

    async def _contradict(self, refund: Refund, reply: Reply) -> None:
        action = judge_late(self._profile, refund, reply, again=refund.repeats > 0)
        about = f"refund {refund.refund_id}, {refund.state}"
        log.warning("%s; late answer: %r", about, reply.message)
        try:
            if action.contradicts:
                await self._recorder.contradicted(refund, reply, action)
            elif action.overpays:
                await self._overpaid(refund, reply, action)
        except (Failure, Unrecorded) as failure:
            log.error("%s: late approval not recorded: %s", about, failure)

    async def _overpaid(self, refund: Refund, reply: Reply, action: Action) -> None:
        intent = self.intent(refund)
        with self._in_flight.claim(intent):
            await self._recorder.overpaid(refund, reply, action)
        await self.landed(intent)


def _may_be_told(refund: Refund, finding: Finding) -> bool:
    """An unknown outcome, or that what was given up was paid after all."""
    if refund.state in (State.GIVEN_UP, State.WITHDRAWN):
        return finding.paid
    if refund.state is State.FORM_PRINTED:
        return not finding.paid
    return refund.state in OPEN - {State.SEALED}
