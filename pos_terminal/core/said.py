"""What the acquirer's answer says to people, whatever number its profile has for it."""

from __future__ import annotations

from enum import StrEnum


class Said(StrEnum):
    """Profiles name these; words are made at the screen and the slip, for the technician too."""

    APPROVED = "approved"
    PART_APPROVED = "part_approved"
    APPROVED_WITH_REMARKS = "approved_with_remarks"
    """Accepted, but the acquirer's records may differ."""

    CALL_ISSUER = "call_issuer"
    MERCHANT_UNKNOWN = "merchant_unknown"
    """Or the terminal: no trade until that is mended."""
    CARD_REFUSED = "card_refused"
    """Stolen, lost or fraud."""
    INVALID_TRANSACTION = "invalid_transaction"
    INVALID_AMOUNT = "invalid_amount"
    OTHER_CARD = "other_card"
    NOT_FOR_THIS_CARD = "not_for_this_card"
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
    """Or no route to the issuer."""
    DUPLICATE = "duplicate"
    SIGN_ON_AGAIN = "sign_on_again"

    UNKNOWN = "unknown"
    """Nobody knows whether the money moved; a code that no row of the profile has, too."""
    NOT_PROCESSED = "not_processed"
    """Unknown by the table, and the profile promises that it surely was not posted."""
