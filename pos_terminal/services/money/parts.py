"""The parts of the authoriser, each made once, of what it is given."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING

from msgspec import Struct

from pos_terminal.config import Config
from pos_terminal.core.line_state import LineState
from pos_terminal.core.refund import Refund
from pos_terminal.ports import Ledger, Papers, Runner, TrustedClock
from pos_terminal.services.host.link import Link
from pos_terminal.services.host.prober import Prober
from pos_terminal.services.host.session import Session
from pos_terminal.services.money.by_people import ByPeople
from pos_terminal.services.money.foreground import Foreground
from pos_terminal.services.money.in_flight import InFlight
from pos_terminal.services.money.pending import Pending
from pos_terminal.services.money.pursue import Pursuer
from pos_terminal.services.money.record import Recorder
from pos_terminal.services.money.recovery import Recovery, Trade
from pos_terminal.services.money.send import Sender
from pos_terminal.texts.domain import of_answer
from pos_terminal.wire.iso8583.codec import Codec
from pos_terminal.wire.iso8583.framing import FrameReader
from pos_terminal.wire.iso8583.profile import Profile

if TYPE_CHECKING:
    from pos_terminal.services.host.ports import Connect, KeyStore
    from pos_terminal.services.money.by_file import ByFile


class Parts(Struct, frozen=True, eq=False, kw_only=True, dict=True):
    """What a terminal's money part is built of, and what it is built into."""

    config: Config
    profile: Profile
    """As it was loaded; ``dialect`` is what counts."""
    ledger: Ledger
    keys: KeyStore
    clock: TrustedClock
    connect: Connect
    run: Runner
    papers: Callable[[], Papers]
    """What slips say; it comes in with the first one."""
    concluded: Callable[[Refund], None] = lambda _: None
    """Told of every refund that changed, in the foreground or behind it: its slips are in the
    ledger then."""
    changed: Callable[[], None] = lambda: None
    """Told when the line or the sign-on came or went, and of the acquirer's file."""

    @cached_property
    def dialect(self) -> Profile:
        acquirer = self.config.acquirer
        return self.profile.with_options(
            repeat=acquirer.repeat,
            answer_seconds=acquirer.answer_seconds,
            connect_seconds=acquirer.connect_seconds,
        )

    @cached_property
    def trade(self) -> Trade:
        said = self.ledger.counter.stopped()
        return Trade(None if said is None else of_answer(said))

    @cached_property
    def in_flight(self) -> InFlight:
        return InFlight()

    @cached_property
    def foreground(self) -> Foreground:
        return Foreground()

    @cached_property
    def link(self) -> Link:
        profile = self.dialect
        return Link(
            addresses=self.config.acquirer.address,
            connect=self.connect,
            frames=lambda: FrameReader(profile),
            decode=Codec(profile).decode,
            per_message=profile.connection == "per_message",
            connect_seconds=profile.timing.connect_seconds,
        )

    @cached_property
    def session(self) -> Session:
        return Session(
            config=self.config,
            profile=self.dialect,
            link=self.link,
            numbers=self.ledger.counter,
            keys=self.keys,
            clock=self.clock,
            run=self.run,
            changed=self.changed,
        )

    @cached_property
    def prober(self) -> Prober:
        return Prober(self.session, self._worth_a_probe)

    def _worth_a_probe(self) -> bool:
        """While a sale or the devices' page is on the screen, and until a dead line is back."""
        if self.foreground.has_message:
            return False
        dead = self.link.seen.state in (LineState.DOWN, LineState.SILENT)
        return dead or self.foreground.has_sale or self.foreground.is_watched

    @cached_property
    def recorder(self) -> Recorder:
        return Recorder(
            ledger=self.ledger,
            profile=self.dialect,
            papers=self.papers,
            clock=self.clock,
            concluded=self.concluded,
            stop=self.trade.stop,
        )

    @cached_property
    def pursuer(self) -> Pursuer:
        return Pursuer(
            acquirer=self.config.acquirer,
            session=self.session,
            ledger=self.ledger,
            recorder=self.recorder,
        )

    @cached_property
    def sender(self) -> Sender:
        return Sender(
            config=self.config,
            session=self.session,
            ledger=self.ledger,
            clock=self.clock,
            recorder=self.recorder,
            pursuer=self.pursuer,
            in_flight=self.in_flight,
        )

    @cached_property
    def by_people(self) -> ByPeople:
        return ByPeople(
            profile=self.dialect,
            zone=self.config.terminal.zone,
            ledger=self.ledger,
            recorder=self.recorder,
            clock=self.clock,
            in_flight=self.in_flight,
        )

    @cached_property
    def by_file(self) -> ByFile:
        from pos_terminal.services.money.by_file import ByFile

        return ByFile(
            ledger=self.ledger,
            recorder=self.recorder,
            by_people=self.by_people,
            in_flight=self.in_flight,
            concluded=self.concluded,
            changed=self.changed,
        )

    @cached_property
    def pending(self) -> Pending:
        return Pending(
            acquirer=self.config.acquirer,
            session=self.session,
            ledger=self.ledger,
            recorder=self.recorder,
            pursuer=self.pursuer,
            by_people=self.by_people,
            in_flight=self.in_flight,
            foreground=self.foreground,
        )

    @cached_property
    def recovery(self) -> Recovery:
        return Recovery(
            acquirer=self.config.acquirer,
            terms=self.dialect.terms,
            ledger=self.ledger,
            recorder=self.recorder,
            in_flight=self.in_flight,
            trade=self.trade,
            wake=self.pending.wake,
        )
