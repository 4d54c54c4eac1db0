"""Kinds of cases, and what their closing takes (R45)."""

from __future__ import annotations

from typing import Final

UNKNOWN_OUTCOME: Final = "unknown_outcome"
"""Only the acquirer's file or people can tell what became of a refund."""
OVERPAYMENT: Final = "overpayment"
"""Approved after it was given up: the sale is locked until this case is closed."""
CONTRADICTION: Final = "contradiction"
"""The acquirer's file says other than the ledger's final state."""
SLIP_DISPUTED: Final = "slip_disputed"
UNILATERAL_DEBIT: Final = "unilateral_debit"
PAID_TWICE: Final = "paid_twice"
"""The acquirer's file has several postings of one request: locked as an overpayment is."""

LOCKING: Final = (OVERPAYMENT, PAID_TWICE)
"""Kinds that lock their sale while they are open."""

ABOUT_UNKNOWN: Final = (UNKNOWN_OUTCOME, "batch_closed", "card_data_gone")
"""Kinds that ask for the outcome of a refund: closed by themselves once it is known."""


def supervisors_to_close(kind: str) -> int:
    """How many; two where the closing lets a locked sale go."""
    return 2 if kind in LOCKING else 1
