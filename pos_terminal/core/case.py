"""Kinds of cases, what is known when one is opened, and what its closing takes (R45)."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from msgspec import Struct

from pos_terminal.core.cause import Cause
from pos_terminal.core.refund import State


class CaseKind(StrEnum):
    UNKNOWN_OUTCOME = "unknown_outcome"
    """Only the acquirer's file or people can tell what became of a refund."""
    BATCH_CLOSED = "batch_closed"
    """The same, since a new batch began."""
    CARD_DATA_GONE = "card_data_gone"
    """The same, since the request can't be made again."""
    OVERPAYMENT = "overpayment"
    """Approved after it was given up: the sale is locked until this case is closed."""
    CONTRADICTION = "contradiction"
    """The acquirer's file says other than the ledger's final state."""
    SLIP_DISPUTED = "slip_disputed"
    UNILATERAL_DEBIT = "unilateral_debit"
    PAID_TWICE = "paid_twice"
    """The acquirer's file has several postings of one request: locked as an overpayment is."""


class CaseState(StrEnum):
    OPEN = "open"
    CLOSED = "closed"


LOCKING: Final = (CaseKind.OVERPAYMENT, CaseKind.PAID_TWICE)
"""Kinds that lock their sale while they are open."""

ABOUT_UNKNOWN: Final = (
    CaseKind.UNKNOWN_OUTCOME,
    CaseKind.BATCH_CLOSED,
    CaseKind.CARD_DATA_GONE,
)
"""Kinds that ask for the outcome of a refund: closed by themselves once it is known."""


def supervisors_to_close(kind: CaseKind) -> int:
    """How many; two where the closing lets a locked sale go."""
    return 2 if kind in LOCKING else 1


class OutcomeFacts(Struct, frozen=True):
    """A refund's outcome is not known, or came too late."""

    cause: Cause | None
    state: State


class Contradicted(Struct, frozen=True):
    """What a line of the acquirer's file says against the ledger."""

    state: State
    told: int
    """Minor units that it tells as paid."""
    reference: str
    file: str
    line: int
    digest: str


class Posting(Struct, frozen=True):
    """One of the lines that pay the same request."""

    line: int
    reference: str
    rrn: str


class PaidTwice(Struct, frozen=True):
    over: int
    """What was posted beside the refund, minor units."""
    file: str
    digest: str
    postings: tuple[Posting, ...]


class Reported(Struct, frozen=True):
    """Somebody at the terminal opened it."""

    operator: str


CaseFacts = OutcomeFacts | Contradicted | PaidTwice | Reported

FACTS: Final[Mapping[CaseKind, type[CaseFacts]]] = {
    CaseKind.CONTRADICTION: Contradicted,
    CaseKind.SLIP_DISPUTED: Reported,
    CaseKind.UNILATERAL_DEBIT: Reported,
    CaseKind.PAID_TWICE: PaidTwice,
    **dict.fromkeys((*ABOUT_UNKNOWN, CaseKind.OVERPAYMENT), OutcomeFacts),
}
