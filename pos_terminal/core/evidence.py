"""What shows that something is so: a kind and a reference, never the paper itself (R75)."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from msgspec import Struct

MOST_EVIDENCE: Final = 5
"""With one application, or one step of a case."""


class EvidenceKind(StrEnum):
    """What it can be shown by."""

    BANK_LETTER = "bank_letter"
    ACQUIRER = "acquirer"
    """A letter or an answer of the acquirer, or of a wallet's platform."""
    POLICE_REPORT = "police_report"
    STATEMENT = "statement"
    """The customer's, signed."""
    PHOTO = "photo"
    OTHER = "other"


class EvidenceItem(Struct, frozen=True):
    kind: EvidenceKind
    reference: str
    """Its number, or where it is filed; empty once it was erased for its age."""
