"""Questions to the ledger, each answered from an index (a test holds their plans against scans)."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from pos_terminal.core.effect import Effect
from pos_terminal.core.home import Home
from pos_terminal.ports import (
    Evidence,
)
from pos_terminal.services.ledger import rows
from pos_terminal.services.ledger.books.applications import ApplicationReads
from pos_terminal.services.ledger.books.cases import CaseReads
from pos_terminal.services.ledger.books.counter import CounterReads
from pos_terminal.services.ledger.books.findings import FindingReads
from pos_terminal.services.ledger.books.journal import JournalReads
from pos_terminal.services.ledger.books.messages import MessageReads
from pos_terminal.services.ledger.books.refunds import RefundReads
from pos_terminal.services.ledger.books.sales import SaleReads
from pos_terminal.services.ledger.books.slips import PrintJobReads
from pos_terminal.services.ledger.books.vouchers import VoucherReads

if TYPE_CHECKING:
    from pos_terminal.ports.outcomes import StoredOutcome

EVIDENCE: Final = """SELECT o.*, f.source, f.digest FROM outcomes o JOIN outcome_files f
    USING (file_id) WHERE o.refund_id = ? AND o.effect = 'concluded' ORDER BY o.paid"""
OUTCOME: Final = "SELECT content, effect FROM outcomes WHERE batch = ? AND stan = ? AND paid = ?"


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
        self.findings = FindingReads(self)
        self.vouchers = VoucherReads(self)

    def evidence(self, refund_id: int) -> Sequence[Evidence]:
        """Oldest first: "not paid" never comes after "paid"."""
        return [rows.evidence_of(row) for row in self._all(EVIDENCE, refund_id)]

    def outcome(self, batch: str, stan: str, paid: bool) -> StoredOutcome | None:
        from pos_terminal.ports.outcomes import StoredOutcome

        row = self._one(OUTCOME, batch, stan, int(paid))
        return None if row is None else StoredOutcome(row["content"], Effect(row["effect"]))

    def _one(self, sql: str, *values: str | int) -> sqlite3.Row | None:
        found = self.db.execute(sql, values).fetchall()
        return found[0] if found else None

    def _all(self, sql: str, *values: str | int) -> list[sqlite3.Row]:
        return self.db.execute(sql, values).fetchall()


class _Moment:
    """Several questions about one state of the ledger, whatever the writer does meanwhile."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def __enter__(self) -> None:
        self._db.execute("BEGIN")

    def __exit__(self, *_: object) -> None:
        self._db.execute("COMMIT")
