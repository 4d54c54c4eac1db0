"""Exchanges: goods for goods (R37)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from pos_terminal.core.exchange import GivenOut


class ExchangeReads(Protocol):
    """Written with the commit of their refund (``Ledger.exchange``)."""

    def of_refund(self, refund_id: int) -> Sequence[GivenOut]:
        """What went out, by the lines that it went out for; nothing of other refunds."""
