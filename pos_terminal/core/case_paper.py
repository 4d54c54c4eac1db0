"""What is printed for a case and has a number of its own, which leads back to it (R46, R47a)."""

from __future__ import annotations

from enum import StrEnum


class PaperKind(StrEnum):
    PAYOUT = "payout"
    RECOVERY = "recovery"
    """What went back too much, to be paid at the till as a new sale."""
    CLAIM = "claim"
    """What the supplier of the goods is asked for."""
    CORRECTION = "correction"
    """The acquirer is asked to fetch back what went to a wrong account."""
    ENQUIRY = "enquiry"
    """The acquirer is asked where the money is."""
