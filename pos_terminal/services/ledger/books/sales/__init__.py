"""Sales as the feed told them, with their legs and lines, and what is left of each (R8, R11, R14).

The balances stand in the tables' own rules, so that no code can give back more than was paid.
Nobody else writes these tables.
"""

from __future__ import annotations

from pos_terminal.services.ledger.books.sales.batches import check as check_batch
from pos_terminal.services.ledger.books.sales.batches import close as close_batch
from pos_terminal.services.ledger.books.sales.batches import close_at as close_batch_at
from pos_terminal.services.ledger.books.sales.batches import close_of as close_batch_of
from pos_terminal.services.ledger.books.sales.came_back import given_again
from pos_terminal.services.ledger.books.sales.joined import Into, Joined
from pos_terminal.services.ledger.books.sales.like_ours import credit_masked_as, like_ours
from pos_terminal.services.ledger.books.sales.payments import (
    Named,
    Reference,
    Transaction,
    named_by,
    of_payment,
    of_transaction,
    transactions,
    typed_sales,
)
from pos_terminal.services.ledger.books.sales.perhaps import another, of_typed, perhaps_another
from pos_terminal.services.ledger.books.sales.reads import (
    NEWEST_TOLD,
    Known,
    SaleReads,
    exchange_no,
    given_back,
    goods_lines,
    has_invoice,
    has_leg,
    has_line,
    has_open,
    known,
    may_join,
    must_be_there,
    paid_by_voucher,
    taken,
    total_of,
)
from pos_terminal.services.ledger.books.sales.record import RECORD, day_of, record
from pos_terminal.services.ledger.books.sales.rows import as_told, name_of, stored
from pos_terminal.services.ledger.books.sales.tables import BOOK, readable
from pos_terminal.services.ledger.books.sales.unclear import Unclear, unclear
from pos_terminal.services.ledger.books.sales.untaken import untaken
from pos_terminal.services.ledger.books.sales.whose import ASKED, TAKES_OFF, First, first_of
from pos_terminal.services.ledger.books.sales.writes import (
    absorb,
    add,
    check_balance,
    come_back,
    confirm,
    count_goods_that_fit,
    count_in,
    count_what_fits,
    fill,
    free,
    hold,
    lock,
    open_again,
    release,
    release_goods,
    set_aside,
    set_total,
    settle_total,
    spend,
    take,
    take_off,
    unlock,
    void,
    void_leg,
    with_keys,
    withdraw,
)

__all__ = [
    "ASKED",
    "BOOK",
    "NEWEST_TOLD",
    "RECORD",
    "TAKES_OFF",
    "First",
    "Into",
    "Joined",
    "Known",
    "Named",
    "Reference",
    "SaleReads",
    "Transaction",
    "Unclear",
    "absorb",
    "add",
    "another",
    "as_told",
    "check_balance",
    "check_batch",
    "close_batch",
    "close_batch_at",
    "close_batch_of",
    "come_back",
    "confirm",
    "count_goods_that_fit",
    "count_in",
    "count_what_fits",
    "credit_masked_as",
    "day_of",
    "exchange_no",
    "fill",
    "first_of",
    "free",
    "given_again",
    "given_back",
    "goods_lines",
    "has_invoice",
    "has_leg",
    "has_line",
    "has_open",
    "hold",
    "known",
    "like_ours",
    "lock",
    "may_join",
    "must_be_there",
    "name_of",
    "named_by",
    "of_payment",
    "of_transaction",
    "of_typed",
    "open_again",
    "paid_by_voucher",
    "perhaps_another",
    "readable",
    "record",
    "release",
    "release_goods",
    "set_aside",
    "set_total",
    "settle_total",
    "spend",
    "stored",
    "take",
    "take_off",
    "taken",
    "total_of",
    "transactions",
    "typed_sales",
    "unclear",
    "unlock",
    "untaken",
    "void",
    "void_leg",
    "with_keys",
    "withdraw",
]
