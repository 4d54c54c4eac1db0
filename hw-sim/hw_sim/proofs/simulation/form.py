"""A form that lies on the counter, and what people made of it: never asked of the terminal."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class Fate(StrEnum):
    """What whoever pays does with it."""

    PAID = "paid"
    NEVER = "never"
    LATE = "late"
    """Carried out after people struck it through and withdrew it."""


class Teller(StrEnum):
    """Who tells the terminal what came of it."""

    KEYPAD = "keypad"
    FILE = "file"
    NOBODY = "nobody"


class Said(StrEnum):
    """What was told the terminal, by keys or by file."""

    PAID = "paid"
    WITHDRAWN = "withdrawn"
    PAID_LATE = "paid late"


@dataclass(slots=True)
class Form:
    number: int
    """The application that stands on it."""
    code: str
    """Under its barcode."""
    amount: int
    """Minor units, as on the paper."""
    fate: Fate
    teller: Teller
    late_teller: Teller
    """Of a payment after it was withdrawn."""
    due: float
    """Virtual seconds from its printing, or its striking through, to its payment."""
    printed: float
    """On the loop's clock."""
    paid: bool = False
    """The money is with the customer."""
    struck: float | None = None
    """When two people withdrew it."""
    said: set[Said] = field(default_factory=set)
    """More than the terminal has, where it was killed just then."""

    @property
    def reference(self) -> str:
        """Of whoever paid it, or never will."""
        return f"88{self.number:07d}"

    def is_told_by(self, teller: Teller) -> bool:
        """Whether what there is to tell of it is this one's to tell."""
        own = self.late_teller if self.told_now is Said.PAID_LATE else self.teller
        return own is teller

    @property
    def told_now(self) -> Said | None:
        """What there is to tell of it."""
        match self.fate:
            case Fate.PAID:
                return Said.PAID if self.paid else None
            case Fate.NEVER:
                return Said.WITHDRAWN
            case Fate.LATE:
                return Said.PAID_LATE if self.paid else Said.WITHDRAWN
