"""What the clerk wants done, put together before anything is decided."""

from __future__ import annotations

from dataclasses import dataclass

from pos_terminal.config import Reason
from pos_terminal.core.eligibility import Choice
from pos_terminal.core.sale import Sale, Tender


@dataclass(frozen=True, slots=True)
class Wanted:
    """``amount`` minor units of this leg of this sale, for this reason."""

    sale: Sale
    tender: Tender
    amount: int
    choice: Choice
    reason: Reason
    note: str
