"""What became of a refund, in the words that a customer is told it by (R50)."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from pos_terminal.core.refund import State


class Status(StrEnum):
    PROCESSING = "processing"
    """处理中: no outcome yet, or the customer has not been given it yet."""
    ACCEPTED = "accepted"
    """已受理: given back here; that it has reached the account nobody has said."""
    CREDITED = "credited"
    """已到账: the acquirer's file says so, or the cash was handed over. Nothing else does."""
    FAILED = "failed"
    """失败: nothing was given back by it."""
    RETURNED = "returned"
    """已退回: the account did not take it, and the money is back at the shop."""


_OF_STATE: Final[Mapping[State, Status]] = {
    **dict.fromkeys((State.SEALED, State.UNKNOWN, State.REVERSING), Status.PROCESSING),
    **dict.fromkeys((State.TO_HAND_OVER, State.FORM_PRINTED), Status.PROCESSING),
    State.SET_ASIDE: Status.PROCESSING,
    **dict.fromkeys((State.ACCEPTED, State.CONFIRMED, State.OVERPAID), Status.ACCEPTED),
    **dict.fromkeys((State.ISSUED, State.BOOKED, State.EXCHANGED), Status.ACCEPTED),
    **dict.fromkeys((State.SETTLED, State.REOPENED), Status.ACCEPTED),
    State.HANDED_OVER: Status.CREDITED,
    **dict.fromkeys((State.NOT_SENT, State.DECLINED, State.REVERSED), Status.FAILED),
    **dict.fromkeys((State.GIVEN_UP, State.WITHDRAWN), Status.FAILED),
    State.RETURNED: Status.RETURNED,
}
_TO_ACCOUNT: Final = frozenset({State.ACCEPTED, State.CONFIRMED, State.OVERPAID, State.RETURNED})
"""Money that reaches an account some days later: only the acquirer knows when it did. RETURNED: it
is there after all, after it had come back."""


def status_of(state: State, *, credited: bool = False) -> Status:
    """``credited``: the acquirer's file says that the money is in the account. What was given back
    in another way, or not at all, it can't say that of."""
    if credited and state in _TO_ACCOUNT:
        return Status.CREDITED
    return _OF_STATE[state]
