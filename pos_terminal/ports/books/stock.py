"""Goods and points that came back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from pos_terminal.ports.records import Movement
from pos_terminal.ports.stock_page import StockPage


class StockReads(Protocol):
    """Movements for till and stock system; written with the outcome of their refund."""

    def page(self, since: int, most: int) -> StockPage:
        """Those above ``since``, the oldest first; 0: from the beginning that is kept. Failure
        ``stock.ahead`` where so high a number was never given."""

    def after(self, number: int, most: int) -> Sequence[Movement]:
        """Those with a higher number, the oldest first."""

    def of_refund(self, refund_id: int) -> Sequence[Movement]:
        """By their numbers."""
