"""Sales as the feed told them, with their legs and lines, and what is left of each (R8, R11, R14).

The balances stand in the tables' own rules, so that no code can give back more than was paid.
Nobody else writes these tables.
"""

from __future__ import annotations

from pos_terminal.services.ledger.books.sales.reads import (
    Known,
    SaleReads,
    given_back,
    has_leg,
    has_line,
    known,
    name_of,
    record,
)
from pos_terminal.services.ledger.books.sales.tables import BOOK, readable
from pos_terminal.services.ledger.books.sales.writes import (
    add,
    check_balance,
    check_batch,
    close_batch,
    close_batch_at,
    close_batch_of,
    confirm,
    count_goods_that_fit,
    count_in,
    count_what_fits,
    hold,
    lock,
    release,
    release_goods,
    set_total,
    settle_total,
    spend,
    unlock,
    void,
    void_if_spent,
    with_keys,
)

__all__ = [
    "BOOK",
    "Known",
    "SaleReads",
    "add",
    "check_balance",
    "check_batch",
    "close_batch",
    "close_batch_at",
    "close_batch_of",
    "confirm",
    "count_goods_that_fit",
    "count_in",
    "count_what_fits",
    "given_back",
    "has_leg",
    "has_line",
    "hold",
    "known",
    "lock",
    "name_of",
    "readable",
    "record",
    "release",
    "release_goods",
    "set_total",
    "settle_total",
    "spend",
    "unlock",
    "void",
    "void_if_spent",
    "with_keys",
]
