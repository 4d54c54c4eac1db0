"""What stops trade and what ends that, and the refunds that were left sealed (R33)."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence

from pos_terminal.config import Acquirer
from pos_terminal.core.answers import Remedy, Terms, remedy
from pos_terminal.core.case import CaseKind
from pos_terminal.core.cause import Cause
from pos_terminal.core.refund import Refund, State
from pos_terminal.core.words import Failure, Words, say
from pos_terminal.ports import Ledger
from pos_terminal.services.money.in_flight import InFlight
from pos_terminal.services.money.record import Recorder, Unrecorded

log = logging.getLogger(__name__)


class Trade:
    """Whether money may move: not after 03 or 97, nor while the ledger can't be written.

    ``said`` is what the acquirer had said before this start.
    """

    def __init__(self, said: Words | None = None) -> None:
        self._by_acquirer = said
        self._by_ledger: Words | None = None
        self.broken = asyncio.Event()
        """A commit failed: a sign-on does not mend that."""

    @property
    def stopped(self) -> Words | None:
        return self._by_ledger or self._by_acquirer

    def stop(self, words: Words, *, broken: bool) -> None:
        """No trade until that is mended; fulfils ``record.Stop``."""
        log.error("trading stopped: %s", words.code)
        if broken:
            self.broken.set()
            self._by_ledger = words
        else:
            self._by_acquirer = words

    def signed_on(self) -> None:
        """The acquirer took a sign-on: what it had stopped goes on."""
        self._by_acquirer = None

    def mended(self) -> None:
        """The ledger can be written again; what the acquirer has stopped stays so."""
        self.broken.clear()
        self._by_ledger = None


class Recovery:
    """Gives what is sealed and worked on by nobody its state, at start-up and after a failed
    commit."""

    def __init__(
        self,
        *,
        acquirer: Acquirer,
        terms: Terms,
        ledger: Ledger,
        recorder: Recorder,
        in_flight: InFlight,
        trade: Trade,
        wake: Callable[[], None],
    ) -> None:
        self._acquirer = acquirer
        self._terms = terms
        self._ledger = ledger
        self._recorder = recorder
        self._in_flight = in_flight
        self._trade = trade
        self._wake = wake
        self._turn = asyncio.Lock()

    async def recover(self) -> Sequence[Refund]:
        """Whether such a refund was sent can't be told. Failure ``ledger.…`` where its state can't
        be written."""
        changed = []
        # no claim: what is sealed and claimed by nobody is moved here alone, by one at a time
        async with self._turn:
            for refund in self._ledger.refunds.open_ones():
                if refund.state is not State.SEALED or refund.refund_id in self._in_flight:
                    continue
                changed.append(await self._found_sealed(refund))
        self._wake()
        return changed

    async def _found_sealed(self, refund: Refund) -> Refund:
        case = remedy(refund.kind, self._terms) is Remedy.CASE
        kind = CaseKind.UNKNOWN_OUTCOME if case else None
        try:
            result = await self._recorder.still_open(refund, Cause.RESTART, paper=case, case=kind)
        except Unrecorded as failure:
            raise Failure.of(failure.words) from None
        return result.refund

    @property
    def stopped(self) -> Words | None:
        """Why there is no trade, whoever ends it: the acquirer, the ledger, or two people who
        close a case."""
        if self._trade.stopped is not None:
            return self._trade.stopped
        return say("returned.own_number") if self._ledger.cases.own_number_paid() else None

    async def must_trade(self) -> None:
        """Failure with why there is no trade; first tries whether that is over."""
        if self._trade.broken.is_set():
            await self._try_to_mend()
        if self.stopped is not None:
            raise Failure.of(self.stopped)

    async def run(self) -> None:
        """After a failed commit: tries, ever slower, whether the ledger can be written again.
        Until cancelled."""
        while True:
            await self._trade.broken.wait()
            pause = self._acquirer.repeat_seconds
            while self._trade.broken.is_set():
                await asyncio.sleep(pause)
                pause = min(pause * 2, self._acquirer.background_seconds)
                await self._try_to_mend()

    async def _try_to_mend(self) -> None:
        try:
            await self.recover()
            await self._ledger.journal.note("host.mended", {})
        except Exception as failure:
            # whatever it is, the next try may go better, and trade stays stopped until then
            log.warning("not mended yet: %r", failure)
            return
        self._trade.mended()
        self._wake()
