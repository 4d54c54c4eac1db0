"""Papers of a case that have a number of their own under their barcode (code 7; R46, R47a)."""

from __future__ import annotations

from enum import StrEnum


class PaperKind(StrEnum):
    PAYOUT = "payout"
    """Freight or goodwill that was paid beside the sale."""
    RECOVERY = "recovery"
    """What went back too much: the customer pays it as a new sale at the till."""
    CLAIM = "claim"
    """What the supplier is asked for."""
    CORRECTION = "correction"
    """The acquirer is asked to correct a refund that went to the wrong account."""
    ENQUIRY = "enquiry"
    """The acquirer is asked where the money is."""
