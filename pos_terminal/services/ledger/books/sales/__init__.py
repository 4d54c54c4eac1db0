"""Sales as the feed told them, with their legs and lines, and what is left of each (R8, R11, R14).

The balances stand in the tables' own rules, so that no code can give back more than was paid.
Nobody else writes these tables.
"""

from __future__ import annotations

from pos_terminal.services.ledger.books.sales.batches import check as check_batch
from pos_terminal.services.ledger.books.sales.batches import close as close_batch
from pos_terminal.services.ledger.books.sales.batches import close_at as close_batch_at
from pos_terminal.services.ledger.books.sales.batches import close_of as close_batch_of
from pos_terminal.services.ledger.books.sales.reads import (
    NEWEST_TOLD,
    RECORD,
    Known,
    SaleReads,
    Transaction,
    as_told,
    given_back,
    has_leg,
    has_line,
    known,
    name_of,
    of_payment,
    of_transaction,
    record,
    transactions,
)
from pos_terminal.services.ledger.books.sales.tables import BOOK, readable
from pos_terminal.services.ledger.books.sales.writes import (
    add,
    check_balance,
    confirm,
    count_goods_that_fit,
    count_in,
    count_what_fits,
    fill,
    hold,
    lock,
    release,
    release_goods,
    set_total,
    settle_total,
    spend,
    unlock,
    void,
    void_leg,
    with_keys,
)

__all__ = [
    "BOOK",
    "NEWEST_TOLD",
    "RECORD",
    "Known",
    "SaleReads",
    "Transaction",
    "add",
    "as_told",
    "check_balance",
    "check_batch",
    "close_batch",
    "close_batch_at",
    "close_batch_of",
    "confirm",
    "count_goods_that_fit",
    "count_in",
    "count_what_fits",
    "fill",
    "given_back",
    "has_leg",
    "has_line",
    "hold",
    "known",
    "lock",
    "name_of",
    "of_payment",
    "of_transaction",
    "readable",
    "record",
    "release",
    "release_goods",
    "set_total",
    "settle_total",
    "spend",
    "transactions",
    "unlock",
    "void",
    "void_leg",
    "with_keys",
]
