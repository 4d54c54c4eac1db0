"""Why a refund is as it is: what is stored and sent; its words are made at the screen."""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class Cause(StrEnum):
    """Why an outcome is not known or nothing was sent, or what a decline forbids or opens from
    now on."""

    NO_ANSWER = "no_answer"
    LINE_LOST = "line_lost"
    BAD_MAC = "bad_mac"
    UNCLEAR = "unclear"
    """The acquirer itself does not know: 68, 91, 96, 98, or a code that nobody knows."""
    VOID_IN_PART = "void_in_part"
    """The acquirer took back a part of what is to be voided in full (10): it is reversed."""
    NOT_REVERSED = "not_reversed"
    """The acquirer answered the reversal of the void, and that did not close it (40): it is tried
    again."""
    RESTART = "restart"
    BATCH_CLOSED = "batch_closed"
    """A new batch began: nothing of the old one is sent by itself any more."""
    CARD_DATA_GONE = "card_data_gone"
    """The sealed card data can't be opened: the message can't be made again."""
    LINE_DROPPED = "line_dropped"
    """The line ended before the first byte was written."""
    NEW_BATCH = "new_batch"
    """The acquirer did not take the request (77): its STAN is burnt."""
    OVERPAID = "overpaid"
    """Approved after it was given up."""
    VOID_REFUSED = "void_refused"
    """A decline that forbids further voids of this leg."""
    ACCOUNT_REFUSED = "account_refused"
    """A decline that says that the account can't take the money: another tender may be open."""
    CARD_REFUSED = "card_refused"
    """Stolen, lost or fraud: a decline that forbids further refunds to this card."""


#: causes after which only people or the acquirer's file end it
LEFT_TO_PEOPLE: Final = frozenset({Cause.BATCH_CLOSED, Cause.CARD_DATA_GONE})
