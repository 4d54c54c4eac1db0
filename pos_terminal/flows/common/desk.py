"""What a flow works with: the ports of one counter, and who stands behind it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import date, datetime, tzinfo
from typing import TYPE_CHECKING, Final

from msgspec import Struct, field

from pos_terminal.config import Phrase
from pos_terminal.core import receipt_code
from pos_terminal.core.decision import Supervision
from pos_terminal.core.eligibility import Here, VoidScope
from pos_terminal.core.goods_code import ScalePattern
from pos_terminal.core.local_time import local
from pos_terminal.core.looked import Inspection
from pos_terminal.core.payout import PayoutLimits
from pos_terminal.core.people import Person
from pos_terminal.core.rules.book import RuleBook
from pos_terminal.core.sales_home import SalesHome
from pos_terminal.core.tenders import Way
from pos_terminal.core.words import Failure, Words
from pos_terminal.policy_options import Condition, Reason
from pos_terminal.ports import (
    Authoriser,
    CardReaders,
    Ledger,
    Papers,
    People,
    Printing,
    Tokens,
    TrustedClock,
)
from pos_terminal.ports.condition import Conditions
from pos_terminal.ui.prompt import Cancelled, Ui

if TYPE_CHECKING:
    from pos_terminal.ports.outcome_files import OutcomeFiles
    from pos_terminal.wire.card_dialogue import CardRead, Judge


UNPROVEN: Final = "clock.unproven"
"""The doubt that is there only for want of an answer of the acquirer's."""


class LogOut(Cancelled):
    """The person is done at this terminal; what was begun and not sealed is cancelled."""


class GivenUp(Cancelled):
    """What was asked for is withdrawn: from the supervisor on cancel leads to no question again."""


class Shop(Struct, frozen=True):
    """The facts of the configuration that flows decide by."""

    merchant_id: str
    terminal_id: str
    currency: str
    contact: str
    support: str
    """The hot line; empty: none."""
    reasons: tuple[Reason, ...]
    conditions: tuple[Condition, ...]
    """In which goods come back (R16)."""
    inspection: Inspection
    exchange_hours: int
    """How long the till takes an exchange credit."""
    phrases: tuple[Phrase, ...]
    """What is often said of a step of a case."""
    payouts: PayoutLimits | None
    """How much may be paid beside sales; None: nothing (R47a)."""
    supervisor: Supervision
    without_printer: bool
    drawer: bool
    """Whether a cash drawer hangs on the printer."""
    void_scope: VoidScope
    void_needs_code: bool
    """Whether a void has the authorisation code of the payment."""
    checks_card: bool
    """Whether the acquirer compares the card with that of the purchase."""
    by_reference: bool
    """Whether it refunds a payment without its card."""
    cut_off: str
    """``HH:MM``: when the acquirer's day ends, on a clock in ``acquirer_zone``."""
    home: SalesHome | None
    """Whose sales are given back here; None: nobody has said it, and nothing is traded."""
    scale_patterns: tuple[ScalePattern, ...]
    """How to read what the shop's own scales print."""
    sales_days: int
    """How many days the ledger keeps sales."""
    zone: tzinfo
    acquirer_zone: tzinfo
    book: RuleBook
    confirmed_before: Callable[[date], date] | None = None
    """Given today: what was accepted before that day the acquirer's file should have confirmed;
    None: nobody is to follow it up."""
    tenders: tuple[Way, ...] = ()
    """Other tenders than the sale's that it may go back by (R34)."""
    form_codes: frozenset[str] = frozenset()
    """Values of field 39 after which the acquirer's form is the way."""

    def local(self, moment: datetime) -> datetime:
        """As the shop's clock showed it, also where that was another zone's when it was written."""
        return local(moment, self.zone)

    @property
    def merchant_check(self) -> str:
        return receipt_code.check_of(self.merchant_id)

    def remedy_code(self, number: int) -> str:
        """Of this paper of a case."""
        return receipt_code.remedy_code(self.merchant_id, self.terminal_id, number)

    def reason(self, code: str) -> Reason:
        """One that the shop had when something was begun, and has no longer, by its code alone."""
        gone = Reason(code=code, zh=code, en=code)
        return next((one for one in self.reasons if one.code == code), gone)

    @property
    def defect(self) -> Reason | None:
        """The first that says so; None where the shop has none."""
        return next((one for one in self.reasons if one.defect), None)

    def condition(self, code: str) -> Condition | None:
        """None for a code that the shop does not have."""
        return next((one for one in self.conditions if one.code == code), None)


class Desk(Struct):
    """Everything that a flow may use. ``operator`` is who logged in."""

    ui: Ui
    shop: Shop
    ledger: Ledger
    people: People
    tokens: Tokens
    readers: CardReaders
    authoriser: Authoriser
    papers: Callable[[], Papers]
    """What slips say; it comes in with the first one."""
    printing: Printing
    outcomes: Callable[[], OutcomeFiles]
    """The acquirer's files that wait; it comes in with the first look for them."""
    clock: TrustedClock
    conditions: Conditions
    """How devices, line and clock are."""
    read_card: Callable[[str, Judge], Awaitable[tuple[CardRead, ...]]]
    """Who the card in this reader is, by each application up to the one that is wanted. Failure
    ``card.…``."""
    operator: Person | None = None
    readings: dict[str, asyncio.Future[tuple[CardRead, ...]]] = field(default_factory=dict)
    """By reader, while it lasts: what the clerk gave up goes on until the card or its time ends."""

    @property
    def here(self) -> Here:
        shop = self.shop
        return Here(
            terminal_id=shop.terminal_id,
            batch=self.ledger.counter.batch(),
            now=self.clock.now(),
            void_scope=shop.void_scope,
            void_needs_code=shop.void_needs_code,
            cash_limit=shop.book.cash_limit,
        )

    @property
    def clerk(self) -> Person:
        """Who is logged in. A flow that needs somebody never runs without."""
        if self.operator is None:
            raise RuntimeError("nobody is logged in")
        return self.operator

    def must_know_the_time(self) -> None:
        """Failure where the clock is not proven (R70); where no more is wrong with it than that the
        acquirer can't be reached or is silent, that is said."""
        self._must_not_doubt(self.clock.doubt)

    def _must_not_doubt(self, doubt: Words | None) -> None:
        if doubt is not None:
            cause = self.authoriser.trouble if doubt.code == UNPROVEN else None
            raise Failure.of(cause or doubt)

    def must_trade(self, doubt: Words | None) -> None:
        """Failure where the terminal may not move money now, with why (R70, 03/97, disk).
        ``doubt``: the clock's, as it was asked this moment: it reads the ledger."""
        if self.shop.home is None:
            raise Failure("flows.no_home")
        self._must_not_doubt(doubt)
        stopped = self.authoriser.stopped
        if stopped is not None:
            raise Failure.of(stopped)
        if not self.printing.connected and not self.shop.without_printer:
            raise Failure("flows.no_printer")
