"""Money to a card, and the line to the acquirer."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from msgspec import Struct

from pos_terminal.core.line_state import LineState
from pos_terminal.core.refund import Kind, Refund
from pos_terminal.core.sale import Sale
from pos_terminal.core.words import Words
from pos_terminal.ports.records import Application, Finding, FormConfirmation, Payee

if TYPE_CHECKING:
    from pos_terminal.core.settling import Settling
    from pos_terminal.ports.books.outcomes import OutcomeReport
    from pos_terminal.wire.feed.outcome import OutcomeFile


class Awaited(StrEnum):
    """What somebody waits for who waits for the acquirer."""

    LINE = "line"
    """A connection."""
    SIGN_ON = "sign_on"
    OWED = "owed"
    """What is owed from before."""
    ECHO = "echo"
    ANSWER = "answer"
    """The outcome; after so long the customer gets the pending certificate."""


class Waiting(Struct, frozen=True):
    what: Awaited
    left: int
    """Whole seconds, at most."""


class HostState(Struct, frozen=True):
    """What the technician and the status row see of the acquirer link."""

    line: LineState
    since: datetime
    """Since when it is so: the start of the process, where nothing was tried since."""
    probed_at: datetime | None
    """When a probe or a message showed it last."""
    connected: bool
    signed_on: bool
    pending: int
    """Reversals and repeats still to be sent."""
    stopped: Words | None
    """Trading was stopped (03, 97, full disk, key failure) and why."""
    trouble: Words | None
    """Why the line can't be used now: no connection, no sign-on; None while it can."""
    demand: str
    """Header "host demand" digit of the last answer."""


class Result(Struct, frozen=True):
    """How one authorisation ended, for the screen. The ledger already has it."""

    refund: Refund
    words: Words
    """What the clerk reads."""
    advice: Words | None
    """The next step."""
    remark: Words | None = None
    """Why the acquirer itself does not know the outcome."""


class Authoriser(Protocol):
    """Money to a card: seal, the first byte, conclude. The flow only awaits it."""

    @property
    def state(self) -> HostState:
        """Asks the ledger what is pending: not for every frame."""

    @property
    def line(self) -> LineState:
        """What the wire showed last; costs nothing."""

    @property
    def trouble(self) -> Words | None:
        """Why no message would be answered now, as far as is known: the line is down or silent,
        or the sign-on failed. None where nothing speaks against it. Costs nothing."""

    @property
    def ready(self) -> bool:
        """Whether the acquirer knows us and its line is not known to be down. Costs nothing."""

    @property
    def probing(self) -> int:
        """Whole seconds that a probe of the line under way takes at most; 0 where none is."""

    @property
    def stopped(self) -> Words | None:
        """Why trading was stopped; None where it was not."""

    @property
    def waiting(self) -> Waiting | None:
        """What a person who waits for the acquirer waits for now; None while nobody does."""

    def sale(self) -> AbstractContextManager[None]:
        """While a sale is on the screen no sign-on, reversal or repeat begins behind it."""

    def elsewhere(self) -> AbstractContextManager[None]:
        """While the lock or an outcome is on the screen they do, whatever lies behind it."""

    def watched(self) -> AbstractContextManager[None]:
        """While somebody looks at how the line is, it is tried."""

    def must_take(self, kind: Kind, sale: Sale, leg: int) -> None:
        """Failure ``host.…`` where the acquirer takes no such refund of this payment: it is too
        old for it, or had as many as it takes."""

    async def prepare(self) -> None:
        """Connect, sign on, then each owed reversal and the repeats longest untried, once.
        Failure ``host.not_sent`` and others."""

    async def sign_on(self) -> None:
        """Sign on now, by a technician's word: trading stopped by 03 or 97 may go on."""

    async def echo(self) -> float:
        """An echo there and back: the seconds it took. Failure ``host.…``."""

    async def authorise(self, application: Application, sale: Sale, card: Payee | None) -> Result:
        """From the seal to the outcome, within 90 seconds; not to be cancelled from then on.

        Failure ``host.wrong_card`` where the leg needs a card, and this is not the one.
        """

    def given_up_from(self, refund: Refund) -> datetime | None:
        """From when on "not paid" may be said of it: the acquirer's cut-off (R32). None: at once,
        of a form that goes to somebody else."""

    async def confirm_form(self, refund_id: int, confirmation: FormConfirmation) -> Result:
        """A manual refund was carried out (R38). Failure ``host.ended_elsewhere``, and those of
        the ledger."""

    async def conclude_by_people(self, refund_id: int, finding: Finding) -> Result:
        """What two people found of an unknown outcome. Failure ``host.too_early`` before the
        acquirer's cut-off, ``host.ended_elsewhere`` where it is known by now,
        ``host.trying_now`` while it is being sent again, and those of the ledger."""

    def preview_file(self, file: OutcomeFile) -> OutcomeReport:
        """What the acquirer's file would come to now; nothing is written."""

    async def conclude_by_file(
        self, file: OutcomeFile, shown: Settling | None = None, supervisor: str = ""
    ) -> OutcomeReport:
        """What the acquirer's file tells of unknown and of final outcomes; one commit.

        Only where it would settle what was ``shown`` to the supervisor, else the report is
        waiting; None: whatever it is. Failure ``outcomes.moving``, and those of the ledger."""

    async def recover(self) -> Sequence[Refund]:
        """At start-up: give every sealed refund its state; what it changed."""

    async def run(self) -> None:
        """Background: repeats, reversals, late answers. Serves until cancelled."""
