"""Points that go back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from pos_terminal.ports.records import PointsMovement


class PointsReads(Protocol):
    """Movements for the till; written by ``Ledger.book_points``."""

    def after(self, movement: int, most: int) -> Sequence[PointsMovement]:
        """Those with a higher number, the oldest first; 0: from the beginning that is kept."""

    def of_refund(self, refund_id: int) -> PointsMovement | None:
        """None where it went back in another way."""
