"""Goods and points that came back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from pos_terminal.ports.records import Correction, Movement
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

    def where(self, ticket: int) -> Sequence[Movement]:
        """Goods of a ticket that none took back, by their numbers."""

    def any_of_it(self) -> bool:
        """Whether anything moved, or was said at a refund not to have come."""

    def absent(self, ticket: int) -> Sequence[Movement]:
        """Goods of it of which somebody said that none came back: since, as they were booked in; or
        at the refund, with ``n`` 0."""


class Stock(StockReads, Protocol):
    """Movements come with ``Ledger.conclude`` and its like; here they are put right."""

    async def correct(self, wrong: Correction) -> Sequence[int]:
        """What of a line was booked otherwise is taken back and booked anew, in one commit; what
        was said never to have come is booked in again.

        Failure ``stock.as_it_is`` where there is none, or ``ledger.serial_back``.
        """
