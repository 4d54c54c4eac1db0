"""What another till sells during the day, and its book of it; no card paid any of it."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field

from hw_sim.bench.feed import feed_record
from hw_sim.bench.sample_sales import SampleSale
from hw_sim.proofs.simulation.invoice_book import invoice_number
from pos_terminal.core.stock import Moved
from pos_terminal.ports import Movement
from pos_terminal.services.ledger.store import LedgerStore


@dataclass(frozen=True, slots=True)
class LaterSale:
    sample: SampleSale
    gift: str = ""
    """Of its receipt without prices."""
    voucher: str = ""
    """That paid what it has paid by voucher."""
    exchange: str = ""
    """The number of the exchange credit that paid what it has paid by one."""
    recovery: str = ""
    """The code of the recovery slip that it pays."""

    @property
    def has_invoice(self) -> bool:
        """Every second one."""
        return self.sample.number % 2 == 0

    @property
    def line(self) -> str:
        """Its record in the sales feed (docs/sales-feed.md)."""
        record = feed_record(self.sample, lambda pan: pan, "")
        if self.has_invoice:
            record |= {"invoice": "issued", "invoice_no": invoice_number(self.sample.number)}
        if self.recovery:
            record["recovery_no"] = self.recovery
        if self.gift:
            record["gift_receipt_no"] = self.gift
        for tender in record["tenders"]:
            if tender["kind"] == "voucher" and self.voucher:
                tender["voucher_no"] = self.voucher
            if tender["kind"] == "exchange":
                tender["exchange_no"] = self.exchange
        return json.dumps(record)


@dataclass(slots=True)
class Gift:
    """Somebody came with a gift receipt, and it was said to whom it goes."""

    sale_id: str
    buyer: bool | None
    """To who paid; else as store credit. None: nobody at the counter knows which."""
    first: int
    """Applications from this number on are of it,"""
    last: int | None = None
    """up to this one."""


@dataclass(slots=True)
class CreditBook:
    """What that till was answered, and fetched: of its own, never asked for again."""

    told: list[LaterSale] = field(default_factory=list)
    """What the terminal surely has."""
    taken: Counter[str] = field(default_factory=Counter)
    """Minor units that it was told to have taken from each voucher."""
    points: dict[int, Movement] = field(default_factory=dict)
    """Movements, by their numbers."""
    newest: int = 0
    """The last movement that it fetched, whatever moved."""
    gifts: list[Gift] = field(default_factory=list)
    """What was said of each that came with its gift receipt."""

    def fetch_points(self, ledger: LedgerStore) -> int:
        """From the newest that it has on; how many."""
        news = ledger.stock.after(self.newest, 200)
        self.newest = max((one.n for one in news), default=self.newest)
        points = {one.n: one for one in news if one.what is Moved.POINTS}
        self.points |= points
        return len(points)


@dataclass(slots=True)
class TakenBook:
    """What a till was told to have taken of exchange credits."""

    taken: Counter[str] = field(default_factory=Counter)
    """Minor units, by their numbers."""
    requests: set[str] = field(default_factory=set)
    """That were answered so."""
    settled: set[str] = field(default_factory=set)
    """It was told that nothing is left of them."""


@dataclass(slots=True)
class BoughtBook:
    """Sales that an exchange credit paid for, and their till voided."""

    voided: dict[str, int] = field(default_factory=dict)
    """By their ids: the newest refund once the terminal had answered."""
