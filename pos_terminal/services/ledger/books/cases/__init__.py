"""Cases: where people must act on a refund or a sale, until they close it (R8, R45).

``over`` is what the acquirer paid beside what the ledger has as given back: after the refund was
given up or declined, more than once, or more than was answered. While such a case is open its
sale is locked. Closing one moves no money: ``over`` is counted into the balance, as far as there
is room, and the sale gives back only what is left after it (R32). Where it was more than that,
the rest stays with the case's reference, and nothing is left of the sale. A case of what the
ledger knows nothing of has no sale.
"""

from __future__ import annotations

from pos_terminal.services.ledger.books.cases.closing import (
    close,
    close_exchange_told,
    close_unclear,
    close_unknown,
    free_of,
    take_rest,
)
from pos_terminal.services.ledger.books.cases.face import Cases
from pos_terminal.services.ledger.books.cases.opening import (
    contradict,
    exchange_told,
    go_over,
    lock_sale,
    open_loose,
    open_of_refund,
    recovery_unknown,
    told_elsewhere,
    told_unclear,
    typed_differs,
)
from pos_terminal.services.ledger.books.cases.reads import (
    CaseReads,
    any_reference,
    asked_as,
    load,
    of_sale,
    taken_over,
)
from pos_terminal.services.ledger.books.cases.remedied import (
    corrected_goods,
    gave_again,
    gave_credit_back,
    gave_more,
    replaced_goods,
)
from pos_terminal.services.ledger.books.cases.tables import BOOK, erased_cases

__all__ = [
    "BOOK",
    "CaseReads",
    "Cases",
    "any_reference",
    "asked_as",
    "close",
    "close_exchange_told",
    "close_unclear",
    "close_unknown",
    "contradict",
    "corrected_goods",
    "erased_cases",
    "exchange_told",
    "free_of",
    "gave_again",
    "gave_credit_back",
    "gave_more",
    "go_over",
    "load",
    "lock_sale",
    "of_sale",
    "open_loose",
    "open_of_refund",
    "recovery_unknown",
    "replaced_goods",
    "take_rest",
    "taken_over",
    "told_elsewhere",
    "told_unclear",
    "typed_differs",
]
