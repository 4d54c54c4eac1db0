"""The sale that a search led to, and what of the way there counts later."""

from __future__ import annotations

from msgspec import Struct


class Found(Struct, frozen=True):
    """What the flows that find hand to those that do something with the sale."""

    sale_key: int | None
    by_gift: bool = False
    """By a gift receipt: who holds it need not be who paid."""
    instead_of: int | None = None
    """An application that was kept, which ends when a new one of the sale is there."""
    refund_id: int | None = None
    """The refund whose slip led there."""


class MoreOfSale(Exception):
    """The menu key at the sale's screen: what was begun is left for the list of what else can be
    done with this sale, ``sale.more``."""

    def __init__(self, found: Found) -> None:
        super().__init__()
        self.found = found
