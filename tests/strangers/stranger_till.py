"""A till of others, written from docs/sales-feed.md alone: GB18030, semicolons, CR LF.

It knows no JSON beyond what a cell of goods needs, counts its own receipts, and exports the day
through a spreadsheet now and then.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

COLUMNS = (
    *("kind", "sale_id", "merchant_id", "terminal_id", "batch", "trace", "rrn", "auth_code"),
    *("sold_at", "currency", "amount", "receipt_no", "tender.kind", "tender.masked", "lines", "at"),
)
ENCODING = "gb18030"
END = "\r\n"


@dataclass
class Till:
    merchant: str
    terminal: str
    started: datetime
    sold: int = 0

    def sale(self, goods: str, fen: int, **wrong: str) -> dict[str, str]:
        """One more by card, of one piece of goods; ``wrong`` is what went wrong with it."""
        self.sold += 1
        line = {"sku": f"G{self.sold}", "name": goods, "quantity": "1", "unit_price": fen}
        return {
            "kind": "sale",
            "sale_id": f"丙-{self.sold:04d}",
            "merchant_id": self.merchant,
            "terminal_id": self.terminal,
            "batch": "77",
            "trace": str(900 + self.sold),
            "rrn": f"{770000000000 + self.sold}",
            "auth_code": f"T{self.sold:05d}",
            "sold_at": self.started.isoformat(timespec="seconds"),
            "currency": "156",
            "amount": str(fen),
            "receipt_no": f"C3{self.sold:06d}",
            "tender.kind": "card",
            "tender.masked": "622848*********0018",
            "lines": json.dumps([line], ensure_ascii=False),
            **wrong,
        }

    def voided(self, sale_id: str) -> dict[str, str]:
        at = self.started.isoformat(timespec="seconds")
        return {"kind": "sale_voided", "sale_id": sale_id, "at": at}


def export(rows: Sequence[dict[str, str]]) -> bytes:
    """The file of a day."""
    lines = [
        ";".join(COLUMNS),
        *(";".join(_cell(row.get(name, "")) for name in COLUMNS) for row in rows),
    ]
    return "".join(line + END for line in lines).encode(ENCODING)


def _cell(text: str) -> str:
    quoted = any(char in text for char in ';"')
    return '"' + text.replace('"', '""') + '"' if quoted else text
