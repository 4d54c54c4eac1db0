"""Refunds: what was sealed, and what became of it (R31, R32)."""

from __future__ import annotations

from pos_terminal.services.ledger.books.refunds.face import Refunds
from pos_terminal.services.ledger.books.refunds.reads import RefundReads, last_state, load, of_sale
from pos_terminal.services.ledger.books.refunds.tables import BOOK
from pos_terminal.services.ledger.books.refunds.writes import (
    add,
    come_back,
    conclude,
    go_over,
    log,
    number_behind,
    settle,
    take,
)

__all__ = [
    "BOOK",
    "RefundReads",
    "Refunds",
    "add",
    "come_back",
    "conclude",
    "go_over",
    "last_state",
    "load",
    "log",
    "number_behind",
    "of_sale",
    "settle",
    "take",
]
