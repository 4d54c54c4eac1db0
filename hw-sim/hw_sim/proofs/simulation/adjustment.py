"""A leg is of another amount now: what the till tells both sides of it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime

from hw_sim.bench.sample_sales import SampleSale
from pos_terminal.core.sale_event import SaleEvent


@dataclass(frozen=True, slots=True)
class Adjustment:
    """``total`` is in minor units."""

    sale: SampleSale
    leg: int
    total: int
    at: datetime
    reference: str

    @property
    def key(self) -> str:
        """What the ledger knows it by."""
        return f"{SaleEvent.ADJUSTED}/{self.reference}"

    @property
    def rrn(self) -> str | None:
        """Of its payment; None of a leg that no acquirer knows."""
        tender = self.sale.tenders[self.leg - 1]
        return None if tender.card is None else self.sale.numbers(tender).rrn

    @property
    def line(self) -> str:
        """Its record in the sales feed (docs/sales-feed.md)."""
        return json.dumps(
            {
                "kind": SaleEvent.ADJUSTED,
                "reference": self.reference,
                "sale_id": self.sale.sale_id,
                "leg": self.leg,
                "amount": self.total,
                "at": self.at.isoformat(),
            }
        )
