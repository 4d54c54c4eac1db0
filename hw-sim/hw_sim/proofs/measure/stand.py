"""What the rows are measured on: one shop with a large ledger, made when first needed."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Final

from hw_sim.bench.files import write_lines
from hw_sim.bench.running import RunningBench
from hw_sim.cards.card_files import cards
from hw_sim.proofs.crash.stage import Stage
from hw_sim.proofs.measure.stock import stock
from pos_terminal.services.ledger.connect import open_writer
from pos_terminal.services.ledger.migrations import migrate

SMALL: Final = 10_000
"""Sales of the ledger that a large one is held against."""
CARD: Final = "visa"
_SPARE: Final = 150
"""Sales that the acquirer knows, too, to be refunded."""
_FIRST_AMOUNT: Final = 1_000


class Stand:
    """A folder on the disk that is measured, and what was set up in it."""

    def __init__(self, folder: Path, *, sales: int, full: bool, say: Callable[[str], None]) -> None:
        self.folder = folder
        self.sales = sales
        """Of the large ledger."""
        self.full = full
        """As many repetitions as the table asks for, however long it takes."""
        self.say = say
        self._closing = ExitStack()

    def close(self) -> None:
        self._closing.close()

    @cached_property
    def small(self) -> Path:
        """A ledger with ``SMALL`` sales and refunds."""
        return self._ledger("small", SMALL)

    @cached_property
    def large(self) -> Path:
        """A ledger with ``sales`` sales and refunds."""
        return self._ledger("large", self.sales)

    @cached_property
    def shop(self) -> Path:
        """The folder of a shop that was set up, with few sales."""
        self.say("setting up a shop")
        shop = self.folder / "shop"
        with RunningBench(shop, "--no-card-service", "--sales", str(self._spare_sales())):
            return shop

    @cached_property
    def stage(self) -> Stage:
        """A shop with the large ledger, its devices and its acquirer, for one terminal."""
        stage = Stage(self.shop, self.folder / "stage", acquirer={})
        self.say(f"filling its ledger with {self.sales} sales")
        stock(stage.files.data / "ledger.db", self.sales, pending=False)
        return self._closing.enter_context(stage)

    @cached_property
    def receipts(self) -> list[str]:
        """Receipt numbers of sales that can be refunded; take them from the end."""
        return [f"SPARE{number:06d}" for number in range(_SPARE)]

    def _ledger(self, name: str, count: int) -> Path:
        path = self.folder / f"{name}.db"
        self.say(f"filling a ledger with {count} sales")
        db = open_writer(path)
        migrate(db, str(path))
        db.close()
        stock(path, count, pending=True)
        return path

    def _spare_sales(self) -> Path:
        path = self.folder / "spare-sales.jsonl"
        write_lines(path, [_spare_sale(number) for number in range(_SPARE)])
        return path


def _spare_sale(number: int) -> dict[str, object]:
    sold_at = datetime.now(UTC) - timedelta(days=1, seconds=number)
    amount = _FIRST_AMOUNT + number
    card = cards()[CARD]
    tender = {"kind": "card", "amount": amount, "pan": card.pan, "scheme": card.scheme}
    return {
        "sale_id": f"SPARE-{number:06d}",
        "batch": "000041",
        "trace": f"{500_000 + number:06d}",
        "rrn": f"{700_000_000_000 + number:012d}",
        "auth_code": "123456",
        "sold_at": sold_at.isoformat(timespec="seconds"),
        "amount": amount,
        "receipt_no": f"SPARE{number:06d}",
        "tenders": [tender],
        "lines": [{"sku": "1", "name": "Tea", "quantity": "1", "unit_price": amount}],
    }
