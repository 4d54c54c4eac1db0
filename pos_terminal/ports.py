"""What the flows need of the world. Drivers and services fulfil these; ``app.py`` wires them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol

from pos_terminal.core.decision import Decision
from pos_terminal.core.interface import Interface as Interface  # noqa: PLC0414 - part of the ports
from pos_terminal.core.pan import Pan
from pos_terminal.core.people import Person
from pos_terminal.core.refund import CardMatch, Kind, Refund, State
from pos_terminal.core.sale import Funding, Sale
from pos_terminal.core.words import Words
from pos_terminal.wire.iso8583.message import Message
from pos_terminal.wire.receipt.slip import Slip

# --- time -----------------------------------------------------------------------------------


class Clock(Protocol):
    """Wall time with the shop's UTC offset, and a monotonic count of seconds."""

    def now(self) -> datetime: ...
    def monotonic(self) -> float: ...


class TrustedClock(Clock, Protocol):
    """A clock that knows whether it may be believed (R70)."""

    @property
    def doubt(self) -> Words | None:
        """Why the time can't be trusted; None when it can."""

    def acquirer_time(self, mmdd: str, hhmmss: str) -> None:
        """Fields 13 and 12 of a sign-on whose sender is proven."""


# --- devices: events and states -----------------------------------------------------------------


class Key(StrEnum):
    D0 = "0"
    D1 = "1"
    D2 = "2"
    D3 = "3"
    D4 = "4"
    D5 = "5"
    D6 = "6"
    D7 = "7"
    D8 = "8"
    D9 = "9"
    DOUBLE_ZERO = "00"
    DOT = "."
    ENTER = "enter"
    CLEAR = "clear"
    """Takes back the last digit."""
    CANCEL = "cancel"
    UP = "up"
    DOWN = "down"
    MENU = "menu"
    FEED = "feed"


@dataclass(frozen=True, slots=True)
class KeyPressed:
    key: Key


@dataclass(frozen=True, slots=True)
class Scanned:
    """One whole code. ``symbology`` is the AIM identifier (``]E0``) where the scanner sent one."""

    text: str
    symbology: str | None = None


@dataclass(frozen=True, slots=True)
class ScanDropped:
    """A partial or overrun scan was thrown away: beep and ask again, never submit."""

    reason: str


@dataclass(frozen=True, slots=True)
class CardArrived:
    reader: str
    interface: Interface
    atr: bytes


@dataclass(frozen=True, slots=True)
class CardLeft:
    reader: str
    interface: Interface


@dataclass(frozen=True, slots=True)
class DeviceState:
    """A device's health. ``words`` says the cause and the next step when it is down."""

    device: str
    up: bool
    words: Words | None = None


InputEvent = KeyPressed | Scanned | ScanDropped | CardArrived | CardLeft | DeviceState
Sink = Callable[[InputEvent], None]
"""Where drivers put events; called on the loop's thread only."""


class Device(Protocol):
    """A supervised device: opens itself, reports loss, comes back by itself."""

    name: str

    async def run(self) -> None:
        """Serve until cancelled; a lost device is no error, it is reported and reopened."""

    async def check(self) -> DeviceState:
        """Open and identify the device once, for ``pos-terminal check``; nothing stays open."""


# --- card ------------------------------------------------------------------------------------


class CardGone(Exception):
    """The card was pulled or moved away."""


class CardMute(Exception):
    """The card did not answer in time."""


class CardLink(Protocol):
    """One powered card. APDUs are bytes in and bytes with SW1 SW2 out."""

    interface: Interface
    atr: bytes

    async def transmit(self, apdu: bytes) -> bytes:
        """Raises CardGone or CardMute."""

    async def close(self) -> None: ...


class CardReaders(Protocol):
    """All bound readers. Arrivals and departures come as events to the sink."""

    def present(self) -> Mapping[str, CardArrived]:
        """Cards in the readers now, by reader."""

    async def connect(self, reader: str) -> CardLink:
        """Raises CardGone, or Failure where the card cannot be activated."""


# --- display ---------------------------------------------------------------------------------


class Style(StrEnum):
    PLAIN = "plain"
    TITLE = "title"
    CHOSEN = "chosen"
    ALERT = "alert"


@dataclass(frozen=True, slots=True)
class Row:
    text: str
    style: Style = Style.PLAIN


@dataclass(frozen=True, slots=True)
class Frame:
    """A whole screen. Every row's text is at most ``columns`` cells wide."""

    columns: int
    rows: tuple[Row, ...]
    prompt: str


class Display(Protocol):
    columns: int
    rows: int

    def show(self, frame: Frame) -> None:
        """Returns at once; frames that come faster than the panel are coalesced."""

    def beep(self) -> None: ...


# --- printer ---------------------------------------------------------------------------------


class Paper(StrEnum):
    OK = "ok"
    NEAR_END = "near_end"
    OUT = "out"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class PrinterStatus:
    connected: bool
    online: bool
    paper: Paper
    cover_open: bool
    error: Words | None = None

    @property
    def ready(self) -> bool:
        return (
            self.connected
            and self.online
            and not self.cover_open
            and self.paper in (Paper.OK, Paper.NEAR_END)
            and self.error is None
        )


class Confirmation(StrEnum):
    PRINTED = "printed"
    UNKNOWN = "unknown"


class PrinterLost(Exception):
    """Hang-up, power-on or lost status while a job was under way: its end is unknown."""


class Printer(Protocol):
    """The receipt printer. A job waits inside while paper or cover are mended (R42)."""

    columns: int

    @property
    def status(self) -> PrinterStatus: ...

    async def wait_ready(self) -> None:
        """Until the status allows a job to begin."""

    async def status_changed(self) -> None:
        """Until the status is another than now."""

    async def print(self, data: bytes, fence: int) -> Confirmation:
        """Send one job and wait until the printer says that it is printed. ``fence`` is 0–9999.

        Raises PrinterLost.
        """

    async def kick_drawer(self) -> None:
        """One pulse, never repeated by itself. Raises PrinterLost."""


class SlipsEnd(StrEnum):
    """Where the slips of a refund are, when the flow stops waiting for them."""

    PRINTED = "printed"
    WAITING = "waiting"
    """Paper, cover or cable: they print by themselves once that is mended."""
    UNSURE = "unsure"
    """Interrupted: the clerk must say whether to print again."""


class Printing(Protocol):
    """The print queue as the flows see it. Slips are jobs of the ledger."""

    @property
    def trouble(self) -> Words | None:
        """What keeps slips from being printed now; None when the printer is ready."""

    @property
    def near_end(self) -> bool:
        """Whether the paper is near its end."""

    @property
    def connected(self) -> bool:
        """Whether there is a printer at all."""

    def wake(self) -> None:
        """New jobs are in the ledger."""

    async def slips_done(self, refund_id: int) -> SlipsEnd:
        """Until all jobs of this refund are printed, or can't go on by themselves."""

    async def moved(self) -> None:
        """Until some job changed its state."""

    async def print_again(self, job_id: int, operator: str) -> None:
        """The clerk's word on an interrupted job: print it whole again, marked."""

    async def drop(self, job_id: int, operator: str) -> None:
        """The clerk's word on an interrupted job: it came out after all."""

    async def reprint(self, job_id: int, operator: str) -> PrintJob:
        """A marked duplicate of any earlier slip (R41)."""

    async def kick_drawer(self) -> None:
        """One pulse to the cash drawer. Raises PrinterLost."""


# --- people, keys, tokens ------------------------------------------------------------------------


class People(Protocol):
    async def log_in(self, number: str, pin: str) -> Person:
        """Checks the PIN in a worker. Failure ``people.wrong`` / ``people.locked`` otherwise."""

    async def approve(self, number: str, pin: str) -> Person:
        """The same check for a supervisor's yes; nobody is logged in by it.

        Failures of ``log_in``, and ``people.not_supervisor``, ``people.must_change``.
        """

    async def change_pin(self, number: str, old: str, new: str) -> None:
        """Failure ``people.trivial`` / ``people.reused`` / ``people.wrong``."""


class Tokens(Protocol):
    key_id: str

    def token(self, pan: Pan) -> str:
        """HMAC-SHA-256 of the digits under the shop's token key, 64 hex digits."""


# --- ledger ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Approval:
    """A supervisor's yes to this sale and this amount."""

    supervisor: str
    name: str
    at: datetime
    amount: int
    rule: str
    """The rule that asked; ``policy`` where every refund needs one (R23)."""


@dataclass(frozen=True, slots=True)
class Application:
    """A request for money back, numbered and kept whatever becomes of it (R67)."""

    number: int
    sale_id: str
    leg: int
    kind: Kind
    amount: int
    reason: str
    operator: str
    state: str
    """``open``, ``refused``, ``cancelled``, ``sealed``, ``done``, ``failed``."""


@dataclass(frozen=True, slots=True)
class CardFacts:
    """The presented card, as far as S needs it."""

    pan: Pan
    expiry: str | None
    """YYMM."""
    sequence: str | None
    """PAN sequence number, 5F34, three digits."""
    interface: Interface
    scheme: str
    funding: Funding
    token: str
    match: CardMatch


@dataclass(frozen=True, slots=True)
class Drawn:
    """What S takes from the ledger for a request: unique together in the batch."""

    refund_id: int
    stan: str
    batch: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Sealed:
    """A durable intent: its refund, and the whole request in memory."""

    refund: Refund
    message: Message


@dataclass(frozen=True, slots=True)
class AnswerFacts:
    """What is kept of the acquirer's answer."""

    response: str | None
    rrn: str | None
    auth_code: str | None
    amount: int | None
    at: str | None
    """Fields 13 and 12 of the answer: MMDDhhmmss."""
    fields: Mapping[str, str]
    """The other fields, masked, for the record."""


@dataclass(frozen=True, slots=True)
class Settlement:
    """The content of T, or of the one commit of another outcome."""

    state: State
    done: int = 0
    answer: AnswerFacts | None = None
    cause: str | None = None
    flagged: bool = False
    slips: tuple[Slip, ...] = ()
    case: str | None = None
    """Kind of the case to open with it, where people must act."""
    keep: bool = False
    """Declined for want of merchant funds (51): the application stays open and comes up again."""


class JobState(StrEnum):
    READY = "ready"
    SENDING = "sending"
    CONFIRMED = "confirmed"
    UNKNOWN = "unknown"
    """Interrupted: ask the clerk, print it whole again and marked, never by itself."""
    DROPPED = "dropped"
    """The clerk had the slip after all."""


@dataclass(frozen=True, slots=True)
class PrintJob:
    job_id: int
    refund_id: int | None
    slip: Slip
    state: JobState
    attempt: int
    """1 for the first printing; more are marked on the paper."""
    duplicate: int
    """0 for an original, n for the n-th reprint (R41)."""


@dataclass(frozen=True, slots=True)
class Counts:
    """For ceilings (R13); UNKNOWN ones count."""

    count: int
    amount: int


Slips = Sequence[Slip] | Callable[[Refund], Sequence[Slip]]
"""Slips, or what makes them once the refund has its number (it is in their barcode)."""


class LedgerReads(Protocol):
    """Questions to the ledger; answered in the loop, from an index."""

    def sale(self, sale_id: str) -> Sale | None: ...

    def by_receipt(self, text: str) -> Sale | None:
        """By the feed's ``receipt_no``, exactly."""

    def by_trace(self, trace: str) -> Sequence[Sale]:
        """Six digits; the current batch first, then newest first."""

    def by_rrn(self, rrn: str, on: date) -> Sequence[Sale]: ...

    def by_token(self, token: str, par: str | None) -> Sequence[Sale]:
        """Sales of this card or account, newest first, at most 50."""

    def application(self, number: int) -> Application | None: ...
    def kept_applications(self) -> Sequence[Application]:
        """Declined for want of merchant funds (51) and still open, oldest first."""

    def approvals(self, application: int) -> Sequence[Approval]: ...

    def decisions(self, application: int) -> Sequence[Mapping[str, object]]:
        """As ``core.decision.as_stored`` made them."""

    def refund(self, refund_id: int) -> Refund | None: ...
    def refunds_of(self, sale_id: str) -> Sequence[Refund]: ...
    def recent_refunds(self, limit: int) -> Sequence[Refund]: ...

    def open_refunds(self) -> Sequence[Refund]:
        """SEALED, UNKNOWN and REVERSING, oldest first."""

    def to_hand_over(self) -> Sequence[Refund]:
        """Cash committed but not confirmed as handed over (R36)."""

    def jobs(self, *states: JobState) -> Sequence[PrintJob]: ...
    def jobs_of(self, refund_id: int) -> Sequence[PrintJob]: ...

    def counts(self, on: date, operator: str | None) -> Counts:
        """Refunds of the day, of one clerk or (None) of the terminal."""

    def same_recently(self, token: str, amount: int, since: datetime) -> int:
        """How many refunds of this amount the card had since then (R18)."""

    def batch(self) -> str: ...

    def last_entry_at(self) -> datetime | None:
        """When the newest journal entry was written (R70)."""


class LedgerWrites(Protocol):
    """Every method is one durable transaction with its audit entry, done on the writer thread."""

    async def open_application(
        self,
        *,
        sale_id: str,
        leg: int,
        kind: Kind,
        amount: int,
        reason: str,
        note: str,
        operator: str,
        decisions: Sequence[Decision],
        refused: bool,
    ) -> Application: ...

    async def add_decision(self, application: int, decision: Decision, refused: bool) -> None: ...
    async def approve(self, application: int, approvals: Sequence[Approval]) -> None: ...
    async def cancel_application(self, application: int, why: str) -> None: ...

    async def seal(
        self, application: int, card: CardFacts, build: Callable[[Drawn], Message]
    ) -> Sealed:
        """S: hold, STAN, message without secrets, sealed card data, for a void its reversal.

        ``build`` makes the whole request from what was drawn, without field 64. Raises Failure
        ``ledger.balance`` where the balance no longer covers it; nothing is changed then.
        """

    def reopen(self, refund_id: int) -> Message:
        """The sealed request again, card data decrypted, without field 64."""

    async def settle(self, refund_id: int, settlement: Settlement) -> Refund:
        """T, or the commit of another outcome. Raises IllegalMove.

        UNKNOWN to UNKNOWN and REVERSING to REVERSING add facts and keep the hold: slips are
        queued, a case is opened (once for each kind), the cause is replaced where one is given.
        """

    async def count_repeat(self, refund_id: int) -> int:
        """One more repeat or reversal try; the new count."""

    async def resequence(self, batch: str | None = None) -> None:
        """Jump of the STAN after 94, or the acquirer's batch number from a sign-on."""

    async def draw_stan(self) -> str:
        """A STAN for a message that moves no money (sign-on)."""

    async def commit_cash(self, application: int, slips: Slips) -> Refund:
        """A cash leg: TO_HAND_OVER, balance spent, slips queued. Before the drawer opens.

        Failure ``ledger.balance`` where the balance no longer covers it.
        """

    async def handed_over(self, refund_id: int, operator: str) -> Refund: ...

    async def drawer_opened(self, refund_id: int, operator: str) -> None: ...

    async def queue_slips(self, slips: Sequence[Slip], application: int | None) -> None:
        """Slips that belong to no refund: an application refused by a rule (R67), a test."""

    async def queue_reprint(self, job_id: int, operator: str) -> PrintJob:
        """A marked copy: ``重打印 DUPLICATE n``."""

    async def job_sending(self, job_id: int) -> PrintJob:
        """Durable before the first byte; counts the attempt."""

    async def jobs_confirmed(self, job_ids: Sequence[int]) -> None: ...
    async def job_unknown(self, job_id: int) -> None: ...
    async def job_ready_again(self, job_id: int, operator: str) -> None: ...
    async def job_dropped(self, job_id: int, operator: str) -> None: ...

    async def open_case(self, refund_id: int, kind: str, operator: str) -> int:
        """A case about this refund, for people to close; its number (R39, R45)."""

    async def note(self, kind: str, facts: Mapping[str, str | int]) -> None:
        """An audit entry of its own: logins, device losses, drawer, settings."""


class Ledger(LedgerReads, LedgerWrites, Protocol):
    """The one ledger, for code that reads and writes."""


# --- host ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class HostState:
    """What the technician and the status row see of the acquirer link."""

    connected: bool
    signed_on: bool
    pending: int
    """Reversals and repeats still to be sent."""
    stopped: Words | None
    """Trading was stopped (03, 97, full disk, key failure) and why."""
    demand: str
    """Header "host demand" digit of the last answer."""


@dataclass(frozen=True, slots=True)
class Result:
    """How one authorisation ended, for the screen. The ledger already has it."""

    refund: Refund
    words: Words
    """What the clerk reads."""
    advice: Words | None
    """The next step."""


class Authoriser(Protocol):
    """Money to a card: S, the first byte, T. The flow only awaits it."""

    @property
    def state(self) -> HostState: ...

    async def prepare(self) -> None:
        """Connect, sign on, send what is pending. Failure ``host.not_sent`` and others."""

    async def authorise(self, application: Application, sale: Sale, card: CardFacts) -> Result:
        """From S to the outcome, within 90 seconds; shielded from cancellation after S."""

    async def recover(self) -> Sequence[Refund]:
        """At start-up: give every sealed refund its state; what it changed."""

    async def run(self) -> None:
        """Background: repeats, reversals, late answers. Serves until cancelled."""


Runner = Callable[[Callable[[], object]], Awaitable[object]]
"""Runs a blocking function off the loop, or inline under virtual time."""
