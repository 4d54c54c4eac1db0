"""The faces of all books, for whoever reads and for whoever writes.

Questions are answered from an index (a test holds their plans against scans).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, TypeVar

from pos_terminal.core.home import Home
from pos_terminal.core.refund import Refund, State
from pos_terminal.ports import Tokens
from pos_terminal.services.ledger.books.applications import ApplicationReads, Applications
from pos_terminal.services.ledger.books.case_papers import CasePaperReads, CasePapers
from pos_terminal.services.ledger.books.cases import CaseReads, Cases
from pos_terminal.services.ledger.books.cleared import Cleared, ClearedReads
from pos_terminal.services.ledger.books.counter import Counter, CounterReads
from pos_terminal.services.ledger.books.exceptions import ExceptionReads
from pos_terminal.services.ledger.books.exchange_credits import ExchangeCreditReads
from pos_terminal.services.ledger.books.exchanges import ExchangeReads
from pos_terminal.services.ledger.books.feed import FeedReads, SalesFeed
from pos_terminal.services.ledger.books.findings import FindingReads
from pos_terminal.services.ledger.books.journal import Journal, JournalReads
from pos_terminal.services.ledger.books.manual import ManualReads
from pos_terminal.services.ledger.books.messages import MessageReads, Messages
from pos_terminal.services.ledger.books.outcomes import OutcomeReads, Outcomes
from pos_terminal.services.ledger.books.payouts import PayoutReads, Payouts
from pos_terminal.services.ledger.books.refunds import RefundReads, Refunds
from pos_terminal.services.ledger.books.sales import SaleReads
from pos_terminal.services.ledger.books.slips import PrintJobReads, PrintJobs
from pos_terminal.services.ledger.books.stock import Stock, StockReads
from pos_terminal.services.ledger.books.vouchers import VoucherReads, Vouchers
from pos_terminal.services.ledger.step import Step

if TYPE_CHECKING:
    from pos_terminal.ports.books.outcomes import OutcomeReport
    from pos_terminal.services.ledger.books.feed.taking import Taken
    from pos_terminal.services.ledger.ports import CardVault
    from pos_terminal.wire.feed.entries import Event, SaleEntry

T = TypeVar("T")


class Reads:
    """``ports.LedgerReads`` on a connection of its own; called on the loop's thread only."""

    def __init__(self, db: sqlite3.Connection, home: Home) -> None:
        self.db = db
        self.home = home
        self.moment = _Moment(db)
        self.journal = JournalReads(self)
        self.counter = CounterReads(self)
        self.refunds = RefundReads(self)
        self.messages = MessageReads(self)
        self.sales = SaleReads(self)
        self.applications = ApplicationReads(self)
        self.slips = PrintJobReads(self)
        self.cases = CaseReads(self)
        self.case_papers = CasePaperReads(self)
        self.payouts = PayoutReads(self)
        self.outcomes = OutcomeReads(self)
        self.findings = FindingReads(self)
        self.vouchers = VoucherReads(self)
        self.stock = StockReads(self)
        self.exchanges = ExchangeReads(self)
        self.exchange_credits = ExchangeCreditReads(self)
        self.cleared = ClearedReads(self)
        self.manual = ManualReads(self)
        self.exceptions = ExceptionReads(self)
        self.feed = FeedReads(self)


class Faces(Reads):
    """The same with writes. Whoever has the writer says how a step is done."""

    def __init__(
        self, db: sqlite3.Connection, home: Home, vault: CardVault | None, tokens: Tokens | None
    ) -> None:
        super().__init__(db, home)
        self.journal: Journal = Journal(self)
        self.counter: Counter = Counter(self)
        self.refunds: Refunds = Refunds(self)
        self.messages: Messages = Messages(self, vault)
        self.feed: SalesFeed = SalesFeed(self, tokens, _take_in_sales, self._busy)
        self.applications: Applications = Applications(self)
        self.slips: PrintJobs = PrintJobs(self)
        self.cases: Cases = Cases(self)
        self.case_papers: CasePapers = CasePapers(self)
        self.payouts: Payouts = Payouts(self)
        self.outcomes: Outcomes = Outcomes(self, _take_in_outcomes)
        self.vouchers: Vouchers = Vouchers(self)
        self.stock: Stock = Stock(self)
        self.cleared: Cleared = Cleared(self)

    def _busy(self) -> bool:
        """Whether a refund is on its way."""
        return any(refund.state is State.SEALED for refund in self.refunds.open_ones())

    @property
    def believed_now(self) -> datetime | None:
        """The time; None where it is in doubt."""
        raise NotImplementedError

    async def step(self, name: str, work: Callable[[Step], T]) -> T:
        """One named durable transaction."""
        raise NotImplementedError

    async def blocking(self, work: Callable[[], T]) -> T:
        """Work that may wait for the disk, and is no step."""
        raise NotImplementedError


class _Moment:
    """Several questions about one state of the ledger, whatever the writer does meanwhile; one
    within another is of the outer one's state."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self._depth = 0

    def __enter__(self) -> None:
        if not self._depth:
            self._db.execute("BEGIN")
        self._depth += 1

    def __exit__(self, *_: object) -> None:
        self._depth -= 1
        if not self._depth:
            self._db.execute("COMMIT")


def _take_in_sales(step: Step, entries: Sequence[SaleEntry | Event], source: str) -> Taken:
    from pos_terminal.services.ledger import importing

    return importing.take_in(step, entries, source)


def _take_in_outcomes(step: Step, report: OutcomeReport) -> Sequence[Refund]:
    """Imported with the first file of the acquirer."""
    from pos_terminal.services.ledger import importing_outcomes

    return importing_outcomes.take_in(step, report)
