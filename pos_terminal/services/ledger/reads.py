"""Questions to the ledger, each answered from an index (a test holds their plans against scans)."""

from __future__ import annotations

import sqlite3

from pos_terminal.core.home import Home
from pos_terminal.services.ledger.books.applications import ApplicationReads
from pos_terminal.services.ledger.books.cases import CaseReads
from pos_terminal.services.ledger.books.counter import CounterReads
from pos_terminal.services.ledger.books.findings import FindingReads
from pos_terminal.services.ledger.books.journal import JournalReads
from pos_terminal.services.ledger.books.messages import MessageReads
from pos_terminal.services.ledger.books.outcomes import OutcomeReads
from pos_terminal.services.ledger.books.refunds import RefundReads
from pos_terminal.services.ledger.books.sales import SaleReads
from pos_terminal.services.ledger.books.slips import PrintJobReads
from pos_terminal.services.ledger.books.vouchers import VoucherReads


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
        self.outcomes = OutcomeReads(self)
        self.findings = FindingReads(self)
        self.vouchers = VoucherReads(self)


class _Moment:
    """Several questions about one state of the ledger, whatever the writer does meanwhile."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def __enter__(self) -> None:
        self._db.execute("BEGIN")

    def __exit__(self, *_: object) -> None:
        self._db.execute("COMMIT")
