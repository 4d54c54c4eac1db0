"""Slips on their way to paper: each waits as facts until the printer has it (``JobState``).

R41, R42; a slip belongs to a refund, or to a sale by way of an application, a case or another
matter of it, or to nothing (a test).
"""

from __future__ import annotations

from pos_terminal.services.ledger.books.slips.face import PrintJobs
from pos_terminal.services.ledger.books.slips.reads import PrintJobReads
from pos_terminal.services.ledger.books.slips.tables import BOOK
from pos_terminal.services.ledger.books.slips.writes import (
    drop_in_doubt,
    go_over,
    of_voucher,
    queue,
    reprint,
)

__all__ = [
    "BOOK",
    "PrintJobReads",
    "PrintJobs",
    "drop_in_doubt",
    "go_over",
    "of_voucher",
    "queue",
    "reprint",
]
