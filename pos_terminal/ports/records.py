"""What flows and books of the ledger hand each other: values, without what is asked for them.

The protocols of ``books`` are for the type checker alone: no start imports them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import ClassVar

from msgspec import Struct

from pos_terminal.core.application import ApplicationState
from pos_terminal.core.case import CaseFacts, CaseKind
from pos_terminal.core.case_end import NOTHING_LOST, CaseCause, Loss
from pos_terminal.core.case_paper import PaperKind
from pos_terminal.core.case_progress import Progress, Standing
from pos_terminal.core.case_step import StepKind
from pos_terminal.core.decision import Decision
from pos_terminal.core.evidence import EvidenceItem
from pos_terminal.core.exchange_credit import ExchangeCredit
from pos_terminal.core.goods_back import GoodsBack
from pos_terminal.core.interface import Interface
from pos_terminal.core.invoice import InvoiceBack
from pos_terminal.core.items import Item
from pos_terminal.core.looked import Disposition
from pos_terminal.core.pan import Pan
from pos_terminal.core.payout import PayoutFor, PayoutKind, PayoutState
from pos_terminal.core.print_job import JobState, Upset
from pos_terminal.core.refund import CardMatch, Kind, Refund
from pos_terminal.core.sale import Funding, SaleState
from pos_terminal.core.stock import Moved
from pos_terminal.core.tenders import Basis
from pos_terminal.core.voucher import Voucher
from pos_terminal.wire.iso8583.message import Message
from pos_terminal.wire.receipt.slip import Slip


class Approval(Struct, frozen=True):
    """A supervisor's yes to this sale and this amount."""

    supervisor: str
    name: str
    at: datetime
    amount: int
    rule: str
    """The rule that asked; ``policy`` where every refund needs one (R23)."""
    plan: str = ""
    """The digest of the ticket's plan that was approved (``core/ticket.py``); none where the
    question was another one."""


class TakenBack(Struct, frozen=True):
    """A reference that was typed from a slip, wrong, and withdrawn (R7)."""

    at: datetime
    leg: int
    rrn: str
    operator: str
    supervisor: str


class Application(Struct, frozen=True):
    """A request for money back, numbered and kept whatever becomes of it (R67)."""

    number: int
    sale_key: int | None
    """None where the sale that was asked for is not known."""
    leg: int
    """0 until one was chosen."""
    kind: Kind
    amount: int
    reason: str
    operator: str
    state: ApplicationState
    items: tuple[Item, ...] = ()
    """The goods that it names; none where an amount was typed."""
    owed: int = 0
    """Minor units that these goods bring besides, which the leg has not: they stay open."""
    note: str = ""
    """To its reason; of a sale that is not known what was typed or scanned."""
    ticket: int = 0
    """The number of its ticket's first application."""
    place: int = 1
    """In the ticket's plan. Of several with the same place the newest counts."""
    kept: bool = False
    """An open one that was approved, or declined for now: it is to do."""
    goods_back: GoodsBack | None = None
    """None where its sale has no goods left, and of one from before anybody asked."""
    invoice: InvoiceBack | None = None
    """What became of the sale's invoice (R69); None where nobody was asked."""


class Draft(Struct, frozen=True, kw_only=True):
    """An application before it has a number."""

    sale_key: int | None
    leg: int
    kind: Kind
    amount: int
    reason: str
    note: str
    operator: str
    goods_back: GoodsBack | None = None
    items: Sequence[Item] = ()
    owed: int = 0
    decisions: Sequence[Decision] = ()
    refused: bool = False
    """By the rules."""
    kept: bool = False
    """To do from the beginning: nobody is asked for it any more."""
    place: int = 1
    ticket: int | None = None
    """None: it begins one, or belongs to that of the draft before it."""
    instead_of: int | None = None
    """Of an open one that ends with it."""
    basis: Basis | None = None
    """Why it goes another way, kept with it (R34)."""
    approvals: Sequence[Approval] = ()
    """Of its plan, where that was approved before it has its number."""
    invoice: InvoiceBack | None = None


class Finding(Struct, frozen=True):
    """What people found out about an unknown outcome (R32)."""

    RULE: ClassVar = "unknown_outcome"
    """What the two are asked by."""
    done: int
    """Minor units that were paid, at most what was asked for; 0 for "not paid"."""
    reference: str
    """The acquirer's, under which it told them."""
    operator: str
    """Who typed it in."""
    approvals: tuple[Approval, Approval]
    """Two supervisors, neither of them the operator."""

    @property
    def paid(self) -> bool:
        return self.done > 0


class FormConfirmation(Struct, frozen=True):
    """That a manual refund was carried out, as whoever did it tells (R38)."""

    RULE: ClassVar = "manual"
    """What the supervisor is asked by."""
    done: int
    """Minor units that were paid."""
    reference: str
    """Of the bank, the platform or the acquirer."""
    operator: str
    """Who typed it in."""
    approval: Approval
    """A supervisor's who is not the operator."""

    @property
    def paid(self) -> bool:
        return True

    @property
    def approvals(self) -> tuple[Approval, ...]:
        return (self.approval,)


class Case(Struct, frozen=True):
    """A mistake that people follow until it is closed (R45)."""

    case_id: int
    kind: CaseKind
    sale_key: int | None
    """None where the ledger has no sale that it is about."""
    refund_id: int | None
    """None where the sale itself went wrong (单边账, R8), or nothing here is known of it."""
    over: int
    """What the acquirer paid beside what is given back here, minor units; while such a case is
    open its sale is locked."""
    open: bool
    opened_at: datetime
    facts: CaseFacts
    """What was known when it was opened."""
    due_on: date
    """When somebody is to look at it again, the shop's day."""
    steps: int = 0
    """How many were noted."""
    outcome_open: bool = False
    """Whether the outcome of its refund is not known yet."""

    def progress(self, today: date) -> Progress:
        """How far it has come on this day, the shop's."""
        return Standing(self.open, self.due_on, self.steps, self.outcome_open).on(today)


class CaseStep(Struct, frozen=True):
    """What was done about a case, once and for all."""

    n: int
    """The first one is 1."""
    at: datetime
    operator: str
    kind: StepKind
    text: str
    """Empty once it was erased for its age."""
    evidence: tuple[EvidenceItem, ...]
    next_on: date | None


class CaseEnd(Struct, frozen=True):
    """How people closed a case, as it was kept."""

    at: datetime
    reference: str
    operator: str
    people: tuple[str, ...]
    """Number and name of each supervisor; the name is gone once it was erased for its age."""
    cause: CaseCause | None
    """None where it was not asked yet."""
    loss: Loss


class Closing(Struct, frozen=True):
    """How people closed a case. It never moves money."""

    RULE: ClassVar = "case"
    """What the supervisors are asked by."""
    reference: str
    """Of the acquirer, the bank or the shop's own file."""
    operator: str
    """Who typed it in."""
    approvals: tuple[Approval, ...]
    """One supervisor, two where money went out beside the balance; none of them the operator."""
    cause: CaseCause
    loss: Loss = NOTHING_LOST
    theirs: bool = False
    """What went back by a reference that two sales have is the other one's: nothing counts here."""
    one_payment: bool = False
    """What people told of and what the file tells of is one: nothing was paid beside it."""


class NewPaper(Struct, frozen=True):
    """What is printed for a case under a number of its own (R46, R47a)."""

    case_id: int
    kind: PaperKind
    amount: int
    """Minor units; 0 where none is asked for."""
    currency: str
    operator: str
    text: str = ""
    """Of its step of the case, which gets its number behind it."""
    evidence: tuple[EvidenceItem, ...] = ()
    """With that step."""


class CasePaper(Struct, frozen=True):
    """As the ledger has it; ``amount`` in minor units."""

    number: int
    case_id: int
    at: datetime
    kind: PaperKind
    amount: int
    currency: str
    operator: str


class NewPayout(Struct, frozen=True):
    """What is paid beside a sale for what went wrong (R47a)."""

    case_id: int
    what: PayoutFor
    kind: PayoutKind
    amount: int
    currency: str
    operator: str
    """Who asked for it."""
    approvals: tuple[Approval, Approval]
    """Neither of them the operator."""
    text: str
    """Of its step of the case, which gets its number behind it."""


class Payout(Struct, frozen=True):
    """As the ledger has it; ``amount`` in minor units."""

    payout_id: int
    case_id: int
    at: datetime
    what: PayoutFor
    kind: PayoutKind
    amount: int
    currency: str
    state: PayoutState
    operator: str


class Clearing(Struct, frozen=True):
    """What ends that a card was called stolen, lost or fraud: two people's word, and what the
    issuer or the acquirer calls it."""

    RULE: ClassVar = "cleared"
    """What the supervisors are asked by."""
    reference: str
    operator: str
    """Who typed it in."""
    approvals: tuple[Approval, Approval]
    """Neither of them the operator."""


class CardFacts(Struct, frozen=True):
    """The presented card, as far as the seal needs it."""

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
    older_tokens: tuple[str, ...] = ()
    """Of the same card, under token keys that were replaced."""
    par: str | None = None
    """Its account's reference, as the card says it or its sale does."""
    decision: Decision | None = None
    """What the rules that saw it answered, where nothing keeps it yet: the seal does."""

    @property
    def tokens(self) -> tuple[str, ...]:
        """All of them, the one that is stored first."""
        return (self.token, *self.older_tokens)

    @property
    def masked(self) -> str:
        return self.pan.masked


class ByReference(Struct, frozen=True, kw_only=True):
    """No card was there: the payment's reference leads to the account that paid, of which its sale
    tells what is known (R29)."""

    scheme: str
    funding: Funding
    token: str | None
    """Under the key that the sale's was made with."""
    par: str | None
    decision: Decision | None = None
    """As of ``CardFacts``."""
    pan: ClassVar[None] = None
    masked: ClassVar[None] = None
    match: ClassVar[CardMatch] = CardMatch.BY_REFERENCE
    older_tokens: ClassVar[tuple[str, ...]] = ()


Payee = CardFacts | ByReference
"""Whom the acquirer is to pay: the card that was presented, or the account of the original."""


class Drawn(Struct, frozen=True):
    """What the seal takes from the ledger for a request: unique together in the batch."""

    refund_id: int
    stan: str
    batch: str
    at: datetime


class Sealed(Struct, frozen=True):
    """A durable intent: its refund, and the whole request in memory."""

    refund: Refund
    message: Message


class AnswerFacts(Struct, frozen=True):
    """What is kept of the acquirer's answer."""

    response: str | None
    rrn: str | None
    auth_code: str | None
    amount: int | None
    at: str | None
    """Fields 13 and 12 of the answer: MMDDhhmmss."""
    fields: Mapping[str, str]
    """The other fields, masked, for the record."""


class PrintJob(Struct, frozen=True):
    job_id: int
    refund_id: int | None
    slip: Slip
    state: JobState
    attempt: int
    """1 for the first printing; more are marked on the paper."""
    duplicate: int
    """0 for an original, n for the n-th reprint (R41)."""
    upset: Upset | None = None
    """Of an UNKNOWN one what happened; None where 0.2.0 left it so."""


class Taking(Struct, frozen=True):
    """So much of a voucher, for a till or by hand."""

    number: str
    amount: int
    """Minor units."""
    request: str | None = None
    """The till's own id of it, by which a repeated request is known; None by hand."""
    operator: str | None = None
    """By hand: who took it, and the supervisor who agreed."""
    supervisor: str | None = None


class ExchangeTaking(Struct, frozen=True):
    """What a till took of an exchange credit. ``left`` is what it was worth right after it."""

    credit: ExchangeCredit
    amount: int
    left: int
    again: bool
    """The request was known: nothing was taken this time."""


class CreditBought(Struct, frozen=True):
    """What a till says that an exchange credit paid."""

    sale_id: str
    amount: int
    state: SaleState


class CreditReopened(Struct, frozen=True):
    """Goods that an exchange credit paid for came back: what of its own sale is open again. None of
    their own sale where that is gone."""

    sale_id: str | None
    application: int | None
    leg: int
    amount: int


class Movement(Struct, frozen=True, kw_only=True):
    """Goods that came back, for the stock system, or points, for the till that keeps them."""

    n: int
    """Only rises, without gaps."""
    at: datetime
    what: Moved
    refund_id: int
    application: int
    """As on the slip."""
    ticket: int
    sale_key: int
    sale_id: str
    """The till's name of the sale; empty where it gave none."""
    leg: int
    """Of the refund."""
    currency: str
    amount: int = 0
    """What points had paid for, minor units: how many points that is the till knows."""
    line: int | None = None
    """Of goods: the line of the sale that they are of, with what the till called them,"""
    sku: str = ""
    barcode: str = ""
    serial: str = ""
    """their own number, where one was scanned,"""
    quantity: int = 0
    """how much of it, thousandths,"""
    condition: str = ""
    """how they were found, as the shop's code,"""
    disposition: Disposition | None = None
    """where they go,"""
    reason: str = ""
    """and why they came, as the shop's code."""
    counters: int | None = None
    """The movement that this one takes back: its quantity is below zero."""
    operator: str = ""
    """Who corrected how it was booked,"""
    supervisor: str = ""
    """and who approved that."""


class Correction(Struct, frozen=True, kw_only=True):
    """How goods of a refund were to be booked; no money moves."""

    refund_id: int
    line: int
    condition: str
    """The code of the shop's."""
    disposition: Disposition | None
    """None: they never came back, and are booked nowhere."""
    operator: str
    supervisor: str
    serials: tuple[str, ...] = ()
    """Of pieces that came after all, where the refund has kept none of theirs."""


class Redemption(Struct, frozen=True):
    """What was taken. ``left`` is what the voucher was worth right after it."""

    voucher: Voucher
    amount: int
    left: int
    again: bool
    """The request was known: nothing was taken this time."""
