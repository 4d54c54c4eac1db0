"""Why nothing of a sale can be given back, found before an amount is asked (R67)."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

RULE: Final = "sale"
"""What a refusal is counted and printed under that no rule of the shop has made."""


class Unfit(StrEnum):
    """Besides what the sale's state says (``core/rules/state.py``)."""

    NO_SALE = "no_sale"
    NO_CARD_SALE = "no_card_sale"
    RECEIPT_NEEDED = "receipt_needed"
    """No sale was found, and the shop gives nothing back without a receipt (R17)."""
    GIVEN_BLIND = "given_blind"
    """It only stands for goods that came back without a receipt."""
    BUYERS_OWN = "buyers_own"
    """What is against it is of the buyer's payment, which the gift receipt tells nobody of."""
    UNKNOWN_RECEIPT = "unknown_receipt"
    FOREIGN_RECEIPT = "foreign_receipt"
    """Another merchant's."""
    OTHER_TERMINAL = "other_terminal"
    """A slip that another terminal has printed."""
    ELSEWHERE = "elsewhere"
    """Another terminal's sale, whose sales are given back at a place that is told (R66)."""
    ELSEWHERE_TERMINAL = "elsewhere_terminal"
    """The same where only the terminal is known."""
    OTHER_CURRENCY = "other_currency"
    SOLD_IN_FUTURE = "sold_in_future"
    NOTHING_LEFT = "nothing_left"
    IN_PROGRESS = "in_progress"
    """What has not gone back of it is on its way."""
    SET_ASIDE = "set_aside"
    """What has not gone back of it stands on an exchange credit."""
    ORIGINAL_CHANNEL = "original_channel"
    """What is left of it was paid by what nobody here gives back."""
    NO_REFERENCE = "no_reference"
    """The till told nothing of the payment that the acquirer could be asked by."""
    TOO_MANY_REFUNDS = "too_many_refunds"
    """The acquirer takes no more of this payment."""
    ACQUIRER_TOO_OLD = "acquirer_too_old"
    """The acquirer refunds no payment as old as this one."""
    NOT_KEPT = "not_kept"
    """It was typed, of a day from before what the ledger keeps."""
    CARD_NOT_COMPARED = "card_not_compared"
    """Four digits are all that is known of the card, and the acquirer looks at no more."""
