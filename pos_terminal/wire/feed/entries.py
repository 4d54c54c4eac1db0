"""What lines of the sales feed say: sales, and things that happened to them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from msgspec import Struct, field

from pos_terminal.core.sale import Sale
from pos_terminal.core.sale_event import SaleEvent


class Event(Struct, frozen=True):
    """A thing that happened to a sale or a batch."""

    line: int
    name: str
    """Of its kind no other event has it: the sale's, its reference, or its batch's."""
    kind: SaleEvent
    at: datetime
    content: str
    sale_id: str | None = None
    leg: int | None = None
    amount: int | None = None
    items: Mapping[int, int] = field(default_factory=dict)
    """Thousandths by line, of goods that were taken back."""
    terminal_id: str | None = None
    batch: str | None = None

    @property
    def key(self) -> str:
        """Makes the same event one event."""
        return f"{_KEYS[self.kind]}/{self.name}"


_KEYS: Final = {
    SaleEvent.SALE_VOIDED: "voided",
    SaleEvent.REFUNDED_ELSEWHERE: "refunded",
    SaleEvent.BATCH_CLOSED: "closed",
    SaleEvent.ADJUSTED: "adjusted",
}


class SaleEntry(Struct, frozen=True):
    line: int
    sale: Sale
    content: str
    also: tuple[str, ...] = ()
    """What its content was while an older token key was in force, where it came with numbers."""

    def is_content(self, known: str) -> bool:
        """Whether it says the same as what is known."""
        return known == self.content or known in self.also
