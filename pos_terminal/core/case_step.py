"""What was done about a case, one step after the other: nothing is taken back (R45, R76)."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Final

from msgspec import Struct

from pos_terminal.core.evidence import EvidenceItem

MOST_TEXT: Final = 500
"""Characters of a step's text."""
MOST_DAYS_AHEAD: Final = 99
"""Nobody puts a case off for longer by one step: what is further away is forgotten."""


class StepKind(StrEnum):
    CALL = "call"
    VISIT = "visit"
    LETTER = "letter"
    MESSAGE = "message"
    REFUND = "refund"
    """Money went back for it."""
    SLIP = "slip"
    """One was printed for it, or a form."""
    EVIDENCE = "evidence"
    """Something that shows what it was like."""
    DECISION = "decision"


class NewStep(Struct, frozen=True):
    """As people tell it."""

    kind: StepKind
    operator: str
    text: str = ""
    evidence: tuple[EvidenceItem, ...] = ()
    next_on: date | None = None
    """When somebody is to look at the case again, the shop's day; None: as it was."""
