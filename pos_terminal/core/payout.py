"""What the shop pays beside a sale for what went wrong: freight, goodwill (R47a).

Never over the card line, and outside of what a sale may give back.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from msgspec import Struct


class PayoutFor(StrEnum):
    FREIGHT = "freight"
    """What it cost to send the goods back, or to fetch them."""
    GOODWILL = "goodwill"


class PayoutKind(StrEnum):
    CASH = "cash"
    """Out of the drawer."""
    CREDIT = "credit"
    """As store credit: a voucher of its own."""
    MANUAL = "manual"
    """By a form that people carry out elsewhere."""


class PayoutState(StrEnum):
    TO_HAND_OVER = "to_hand_over"
    """Cash that is owed: nobody has said that the customer has it."""
    HANDED_OVER = "handed_over"
    FORM_PRINTED = "form_printed"
    ISSUED = "issued"
    """The voucher is there; what became of it, it says itself."""


AT_ONCE: Final = {
    PayoutKind.CASH: PayoutState.TO_HAND_OVER,
    PayoutKind.CREDIT: PayoutState.ISSUED,
    PayoutKind.MANUAL: PayoutState.FORM_PRINTED,
}
"""How one of each kind begins."""


class PayoutLimits(Struct, frozen=True):
    """Minor units. Of one case whatever the day, and of one day whatever the case."""

    per_case: int
    per_day: int

    def left(self, of_case: int, of_day: int) -> int:
        """What may still be paid out, where so much was."""
        return max(0, min(self.per_case - of_case, self.per_day - of_day))
