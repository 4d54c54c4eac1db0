"""A refund's states and the only moves between them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Final

from msgspec import Struct

from pos_terminal.core.cause import Cause


class Kind(StrEnum):
    """How money goes back; also the first digit of our receipt code (see RECEIPT_KIND)."""

    REFUND = "refund"
    VOID = "void"
    CASH = "cash"
    CREDIT = "credit"
    """Store credit: a voucher (R36, R37)."""
    POINTS = "points"
    """What the customer paid in points: a movement that the till fetches."""
    MANUAL = "manual"
    """People carry it out elsewhere, by a form (R38)."""
    EXCHANGE = "exchange"
    """Other goods of the same worth in return: no money goes back (R37)."""
    EXCHANGE_CREDIT = "exchange_credit"
    """Other goods that the till sells for it: what came back is set aside for it to take (R37)."""
    EXCHANGE_BACK = "exchange_back"
    """Goods that an exchange credit paid for: what it spent is open again where it was spent."""


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
    FORM_PRINTED = "form_printed"
    """A manual one: its amount is set aside until somebody says that it was paid, or never is."""
    CONFIRMED = "confirmed"
    """Whoever carried it out has told its reference."""
    WITHDRAWN = "withdrawn"
    """Two people found that nobody pays it: the hold is free."""
    BOOKED = "booked"
    """Given back in points: the movement is there, and the till books it for the customer."""
    EXCHANGED = "exchanged"
    """Goods came back, and others of the same worth went out: the balance is as it was."""
    SET_ASIDE = "set_aside"
    """Goods came back for an exchange credit: what the till took of it is given back by now, the
    rest is set aside."""
    SETTLED = "settled"
    """Nothing of it is set aside any more; what the till took, perhaps nothing, is given back."""
    RETURNED = "returned"
    """It was given back, and came back to the acquirer from the account: its tender is free again
    for it; the goods stay where they are (R50)."""
    REOPENED = "reopened"
    """Goods that an exchange credit paid for are back: what they cost goes back to how the sale was
    paid that the credit stands on, by refunds of that one."""


class By(StrEnum):
    """What moves a refund."""

    LINE = "line"
    """An answer, its silence (``core.answers``), or a restart without knowing."""
    TOLD = "told"
    """What the line does not say: people with the reference of whoever pays, or its file (R32)."""
    CLERK = "clerk"
    TILL = "till"
    """It takes from an exchange credit."""


#: every move there is; the diagram in ``docs/outcomes.md`` is drawn from it
MOVES: Final = frozenset(
    {
        (State.SEALED, State.NOT_SENT, By.LINE),
        (State.SEALED, State.ACCEPTED, By.LINE),
        (State.SEALED, State.DECLINED, By.LINE),
        (State.SEALED, State.UNKNOWN, By.LINE),
        (State.SEALED, State.REVERSING, By.LINE),
        # an open one may take on new facts: its certificate, a case, another cause
        (State.UNKNOWN, State.UNKNOWN, By.LINE),
        (State.UNKNOWN, State.ACCEPTED, By.LINE),
        (State.UNKNOWN, State.DECLINED, By.LINE),
        (State.REVERSING, State.REVERSING, By.LINE),
        (State.REVERSING, State.REVERSED, By.LINE),
        (State.GIVEN_UP, State.OVERPAID, By.LINE),
        (State.UNKNOWN, State.ACCEPTED, By.TOLD),
        (State.UNKNOWN, State.GIVEN_UP, By.TOLD),
        (State.REVERSING, State.ACCEPTED, By.TOLD),
        (State.REVERSING, State.GIVEN_UP, By.TOLD),
        (State.GIVEN_UP, State.OVERPAID, By.TOLD),
        (State.TO_HAND_OVER, State.HANDED_OVER, By.CLERK),
        (State.FORM_PRINTED, State.CONFIRMED, By.TOLD),
        (State.FORM_PRINTED, State.WITHDRAWN, By.TOLD),
        (State.WITHDRAWN, State.OVERPAID, By.TOLD),
        (State.ACCEPTED, State.RETURNED, By.TOLD),
        (State.CONFIRMED, State.RETURNED, By.TOLD),
        (State.SET_ASIDE, State.SET_ASIDE, By.TILL),
        (State.SET_ASIDE, State.SETTLED, By.TILL),
        (State.SET_ASIDE, State.SETTLED, By.CLERK),
    }
)

#: states in which the amount is set aside, less what is given back of it
HOLDING: Final = frozenset(
    {State.SEALED, State.UNKNOWN, State.REVERSING, State.FORM_PRINTED, State.SET_ASIDE}
)
#: states that hold their own amount alone: other refunds of their sale go on
APART: Final = frozenset({State.FORM_PRINTED, State.SET_ASIDE})
#: states of an exchange credit: its goods are back, whatever of its amount is given back by now
AS_CREDIT: Final = frozenset({State.SET_ASIDE, State.SETTLED})
#: states in which the money is (or counts as) given back, out of the sale's balance
SPENT: Final = frozenset(
    {
        *(State.ACCEPTED, State.TO_HAND_OVER, State.HANDED_OVER),
        *(State.ISSUED, State.BOOKED, State.CONFIRMED, State.REOPENED),
    }
)
#: states in which the customer has what was asked for: the money, other goods, or what buys them
SERVED: Final = SPENT | AS_CREDIT | {State.EXCHANGED}
#: states in which the goods that it names are the shop's again, whatever became of the money
GOODS_BACK: Final = SERVED | {State.RETURNED}
#: states in which money was given back, whatever the balance says
PAID: Final = SPENT | {State.OVERPAID, State.RETURNED}
#: states in which something is still to be done by itself; nothing else of their sale goes on
OPEN: Final = frozenset({State.SEALED, State.UNKNOWN, State.REVERSING})
#: states that are not over: the customer, the acquirer or somebody here is still waited for
UNFINISHED: Final = OPEN | {State.TO_HAND_OVER, State.FORM_PRINTED, State.SET_ASIDE}
#: states after which the same application may have another refund
LAPSED: Final = frozenset({State.NOT_SENT, State.DECLINED, State.REVERSED})
#: states that an approval contradicts, whenever it comes
UNPAID: Final = frozenset({State.NOT_SENT, State.DECLINED, State.GIVEN_UP})
#: states that count for nothing in a day's sums: what is open again counts when it goes back
NOT_COUNTED: Final = LAPSED | {
    *(State.GIVEN_UP, State.WITHDRAWN, State.EXCHANGED, State.REOPENED, State.RETURNED)
}

_BY_HAND: Final = frozenset({State.TO_HAND_OVER, State.HANDED_OVER})
_BY_FORM: Final = frozenset({State.FORM_PRINTED, State.CONFIRMED, State.WITHDRAWN})
_AT_ONCE: Final = frozenset({State.ISSUED, State.BOOKED, State.EXCHANGED, State.REOPENED})
_BY_ACQUIRER: Final = frozenset(State) - _BY_HAND - _BY_FORM - _AT_ONCE - AS_CREDIT
#: the states that a refund of each kind can have
STATES: Final[Mapping[Kind, frozenset[State]]] = {
    Kind.REFUND: _BY_ACQUIRER - {State.REVERSING, State.REVERSED},
    Kind.VOID: _BY_ACQUIRER - {State.UNKNOWN, State.RETURNED},
    Kind.CASH: _BY_HAND,
    Kind.CREDIT: frozenset({State.ISSUED}),
    Kind.MANUAL: _BY_FORM | {State.OVERPAID, State.RETURNED},
    Kind.POINTS: frozenset({State.BOOKED}),
    Kind.EXCHANGE: frozenset({State.EXCHANGED}),
    Kind.EXCHANGE_CREDIT: AS_CREDIT,
    Kind.EXCHANGE_BACK: frozenset({State.REOPENED}),
}


class IllegalMove(Exception):
    """A refund was to change from one state to another that it can't reach."""

    def __init__(self, old: State, new: State) -> None:
        super().__init__(f"a refund cannot go from {old} to {new}")
        self.old, self.new = old, new


class PaidAnother(IllegalMove):
    """What a form was to be confirmed by has carried out another refund."""

    def __init__(self, number: int) -> None:
        super().__init__(State.FORM_PRINTED, State.CONFIRMED)
        self.number = number
        """Of that one's application."""


def move(old: State, new: State, *, told: bool = False) -> State:
    """``new``, if a refund may go there from ``old``; IllegalMove otherwise.

    ``told`` by people or by the acquirer's file, and not by an answer on the line.
    """
    ways = (By.TOLD,) if told else (By.LINE, By.CLERK, By.TILL)
    if not any((old, new, by) in MOVES for by in ways):
        raise IllegalMove(old, new)
    return new


class CardMatch(StrEnum):
    """How the presented card was found to be the card of the sale (R27), the strongest first."""

    EXACT = "exact"
    PAR = "par"
    MASKED = "masked"
    """First six and last four only: a supervisor agreed, the acquirer must confirm."""
    LAST_FOUR = "last_four"
    """The last four alone: likewise, and only where the acquirer is known to compare the card."""
    ACQUIRER = "acquirer"
    """Nothing is known here of the card of a sale that was typed: likewise (R7)."""
    BY_REFERENCE = "by_reference"
    """No card was there: the original's reference leads to the account that paid (R29)."""
    NONE = "none"
    """No card: cash or store credit."""


class Refund(Struct, frozen=True):
    """A refund or void as the ledger has it. No full card number, no expiry."""

    refund_id: int
    application: int
    sale_key: int
    leg: int
    seq: int
    """1, 2, 3 … within its sale."""
    kind: Kind
    state: State
    amount: int
    """Asked for, minor units."""
    done: int
    """What was given back: the amount, or less where the acquirer answered 10; 0 until then. Of an
    exchange credit what the till took."""
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
    cause: Cause | None
    """Why it is NOT_SENT or UNKNOWN, or what a decline forbids from now on."""
    flagged: bool
    """Accepted with a defect (11, A2, A4–A6, 10): look at it in reconciliation."""
    repeats: int
    """How often the request was sent again, or the reversal tried."""
    sealed_at: datetime
    concluded_at: datetime | None
