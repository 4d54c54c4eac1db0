"""Applications: numbered, decided, approved, and kept whatever becomes of them (R19, R67).

With the goods that they name; how much of these is left is the sale's (R11, R14).
"""

from __future__ import annotations

from pos_terminal.services.ledger.books.applications.face import Applications
from pos_terminal.services.ledger.books.applications.reads import (
    ApplicationReads,
    approvals,
    asked_about,
    is_for_holder,
    is_open,
    load,
    paid_told_of,
    told_of,
)
from pos_terminal.services.ledger.books.applications.tables import BOOK, items_shown
from pos_terminal.services.ledger.books.applications.writes import (
    STANDS,
    change,
    end_spent,
    go_over,
    keep_decision,
    last_place,
    of_several,
    open_again,
    open_rest,
    open_ticket,
)

__all__ = [
    "BOOK",
    "STANDS",
    "ApplicationReads",
    "Applications",
    "approvals",
    "asked_about",
    "change",
    "end_spent",
    "go_over",
    "is_for_holder",
    "is_open",
    "items_shown",
    "keep_decision",
    "last_place",
    "load",
    "of_several",
    "open_again",
    "open_rest",
    "open_ticket",
    "paid_told_of",
    "told_of",
]
