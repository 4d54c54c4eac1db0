"""What the acquirer's answer says to people, whatever number its profile has for it."""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class Said(StrEnum):
    """Profiles name these; words are made at the screen and the slip, for the technician too."""

    APPROVED = "approved"
    PART_APPROVED = "part_approved"
    APPROVED_WITH_REMARKS = "approved_with_remarks"
    """Accepted, but the acquirer's records may differ."""

    CALL_ISSUER = "call_issuer"
    HOLDER_NOT_PROVEN = "holder_not_proven"
    MERCHANT_UNKNOWN = "merchant_unknown"
    """No trade until that is mended, as with the next."""
    TERMINAL_UNKNOWN = "terminal_unknown"
    CARD_TAKEN = "card_taken"
    """To be kept; a card that answers so is not called lost, nor its owner a thief."""
    CARD_FRAUD = "card_fraud"
    CARD_LOST = "card_lost"
    CARD_STOLEN = "card_stolen"
    CARD_ASLEEP = "card_asleep"
    """Never put to use, or not for long."""
    CARD_CHECK = "card_check"
    CARD_TOO_OFTEN = "card_too_often"
    OTHER_CURRENCY = "other_currency"
    WRONG_ACCOUNT = "wrong_account"
    INVALID_TRANSACTION = "invalid_transaction"
    INVALID_AMOUNT = "invalid_amount"
    OTHER_CARD = "other_card"
    NOT_FOR_THIS_CARD = "not_for_this_card"
    NO_SUCH_TRANSACTION = "no_such_transaction"
    """The issuer of this card has none of this kind."""
    CARD_RESTRICTED = "card_restricted"
    NO_ISSUER = "no_issuer"
    WRONG_STATE = "wrong_state"
    """Of the original, or it is too old."""
    NO_ORIGINAL = "no_original"
    UNREADABLE = "unreadable"
    PIN_WANTED = "pin_wanted"
    CHIP_WANTED = "chip_wanted"
    FUNDS_TOO_LOW = "funds_too_low"
    """The merchant's."""
    CARD_EXPIRED = "card_expired"
    NOT_ON_THIS_TERMINAL = "not_on_this_terminal"
    ABOVE_LIMIT = "above_limit"
    AMOUNT_DIFFERS = "amount_differs"
    """A void is in full."""
    DAY_END = "day_end"
    NO_ROUTE = "no_route"
    """To the issuer."""
    TRY_LATER = "try_later"
    DUPLICATE = "duplicate"
    SIGN_ON_AGAIN = "sign_on_again"

    ISSUER_ABNORMAL = "issuer_abnormal"
    """With the next two: why nobody knows whether the money moved, said beneath that."""
    SWITCH_FAULT = "switch_fault"
    ISSUER_SILENT = "issuer_silent"
    UNKNOWN = "unknown"
    """Nobody knows whether the money moved; a code that no row of the profile has, too."""
    NOT_PROCESSED = "not_processed"
    """Unknown by the table, and the profile promises that it surely was not posted."""


TO_FORM: Final = frozenset(
    {
        *(Said.CARD_TAKEN, Said.CARD_FRAUD, Said.CARD_LOST, Said.CARD_STOLEN),
        *(Said.NO_ISSUER, Said.NO_SUCH_TRANSACTION, Said.NOT_FOR_THIS_CARD, Said.CARD_RESTRICTED),
        Said.PIN_WANTED,
    }
)
"""After which the acquirer's manual form is the way (R38)."""
