"""A sale as a list of several shows it: what tells it from the others, no more."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct

from pos_terminal.core.sale import SaleOrigin, SaleState, shown_when


class ListedSale(Struct, frozen=True):
    """Who chooses it has the whole sale read."""

    key: int
    sale_id: str
    origin: SaleOrigin
    sold_at: datetime
    """With the shop's offset of that day (``core/local_time.py``)."""
    number: str
    """As ``Sale.number``."""
    goods: str
    """The first line's name; empty where it has none."""
    amount: int
    """Minor units."""
    currency: str
    state: SaleState

    @property
    def when(self) -> str:
        return shown_when(self.origin, self.sold_at)
