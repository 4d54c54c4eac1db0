"""A refund's states and the only moves between them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Final

from msgspec import Struct


class Kind(StrEnum):
    """How money goes back; also the first digit of our receipt code (see RECEIPT_KIND)."""

    REFUND = "refund"
    VOID = "void"
    CASH = "cash"
    CREDIT = "credit"
    """Store credit in place of cash: a voucher (R36, R37)."""


class State(StrEnum):
    SEALED = "sealed"
    """Durable, may have been sent: a crash from here on means UNKNOWN."""
    NOT_SENT = "not_sent"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    UNKNOWN = "unknown"
    """A refund that may have reached the acquirer; its hold is kept."""
    REVERSING = "reversing"
    """A void with unknown outcome: 0400 goes out until it is acknowledged."""
    REVERSED = "reversed"
    """The void never took effect; the sale stands."""
    GIVEN_UP = "given_up"
    """Two people, or the acquirer's file, found that nothing was paid: the hold is free (R32)."""
    OVERPAID = "overpaid"
    """Approved after it was given up: the money went out beside the balance, the sale is locked."""
    TO_HAND_OVER = "to_hand_over"
    """Cash committed, not yet confirmed as handed to the customer (R36)."""
    HANDED_OVER = "handed_over"
    ISSUED = "issued"
    """Given back as a voucher; what becomes of that is the voucher's affair (R37)."""


_MOVES: Final[Mapping[State, frozenset[State]]] = {
    State.SEALED: frozenset(
        {State.NOT_SENT, State.ACCEPTED, State.DECLINED, State.UNKNOWN, State.REVERSING}
    ),
    # an open one may take on new facts: its certificate, a case, another cause
    State.UNKNOWN: frozenset({State.UNKNOWN, State.ACCEPTED, State.DECLINED}),
    State.REVERSING: frozenset({State.REVERSING, State.REVERSED}),
    State.GIVEN_UP: frozenset({State.OVERPAID}),
    State.TO_HAND_OVER: frozenset({State.HANDED_OVER}),
}

#: what the line does not say: two people with the acquirer's reference may, or its file (R32)
_TOLD_MOVES: Final = {
    State.UNKNOWN: frozenset({State.ACCEPTED, State.GIVEN_UP}),
    State.REVERSING: frozenset({State.ACCEPTED, State.GIVEN_UP}),
    State.GIVEN_UP: frozenset({State.OVERPAID}),
}

#: states in which the amount is set aside
HOLDING: Final = frozenset({State.SEALED, State.UNKNOWN, State.REVERSING})
#: states in which the money is (or counts as) given back, out of the sale's balance
SPENT: Final = frozenset({State.ACCEPTED, State.TO_HAND_OVER, State.HANDED_OVER, State.ISSUED})
#: states in which money is given back, whatever the balance says
PAID: Final = SPENT | {State.OVERPAID}
#: states in which something is still to be done by itself
OPEN: Final = frozenset({State.SEALED, State.UNKNOWN, State.REVERSING})


#: causes of DECLINED that later refunds look at
VOID_REFUSED: Final = "eligibility.void_refused"
CARD_REFUSED: Final = "rules.card_refused"


class IllegalMove(Exception):
    """A refund was to change from one state to another that it can't reach."""

    def __init__(self, old: State, new: State) -> None:
        super().__init__(f"a refund cannot go from {old} to {new}")
        self.old, self.new = old, new


def move(old: State, new: State, *, told: bool = False) -> State:
    """``new``, if a refund may go there from ``old``; IllegalMove otherwise.

    ``told`` by people or by the acquirer's file, and not by an answer on the line.
    """
    moves = _TOLD_MOVES if told else _MOVES
    if new not in moves.get(old, frozenset()):
        raise IllegalMove(old, new)
    return new


class CardMatch(StrEnum):
    """How the presented card was found to be the card of the sale (R27)."""

    EXACT = "exact"
    PAR = "par"
    MASKED = "masked"
    """First six and last four only: a supervisor agreed, the acquirer must confirm."""
    NONE = "none"
    """No card: cash or store credit."""


class Refund(Struct, frozen=True):
    """A refund or void as the ledger has it. No full card number, no expiry."""

    refund_id: int
    application: int
    sale_id: str
    leg: int
    seq: int
    """1, 2, 3 … within its sale."""
    kind: Kind
    state: State
    amount: int
    """Asked for, minor units."""
    done: int
    """What was given back: the amount, or less where the acquirer answered 10; 0 until then."""
    currency: str
    operator: str
    masked: str | None
    scheme: str
    match: CardMatch
    stan: str | None
    batch: str | None
    rrn: str | None
    """Field 37 of the answer: the refund's own, not the original's."""
    auth_code: str | None
    response: str | None
    """Field 39 of the answer that concluded it."""
    cause: str | None
    """Why it is NOT_SENT or UNKNOWN, or what a decline forbids from now on: a text's key."""
    flagged: bool
    """Accepted with a defect (11, A2, A4–A6, 10): look at it in reconciliation."""
    repeats: int
    """How often the request was sent again, or the reversal tried."""
    sealed_at: datetime
    concluded_at: datetime | None
