"""What tills told of invoices (发票), and what clerks said of them: not as the ledger has it."""

from __future__ import annotations

from dataclasses import dataclass, field

from pos_terminal.core.invoice import InvoiceBack
from pos_terminal.services.ledger.store import LedgerStore


def invoice_number(number: int) -> str:
    """Of a sale or a red-letter invoice: twenty digits, of which the first two are the year."""
    return f"26312000{number:012d}"


@dataclass(frozen=True, slots=True)
class Said:
    """Somebody answered, or keys that nobody asked for may have."""

    since: int
    """The newest application then."""
    of: str = ""
    """The number of the sale's invoice, as it was on the screen; empty: not known."""
    back: InvoiceBack | None = None
    """None: in doubt, of whichever sale."""


@dataclass(slots=True)
class InvoiceBook:
    told: set[str] = field(default_factory=set)
    """Sales that have one, and the terminal may know."""
    surely: dict[str, int] = field(default_factory=dict)
    """It surely does, since this refund was the newest."""
    said: list[Said] = field(default_factory=list)


def newest(ledger: LedgerStore) -> int:
    """The number of the last application that was opened."""
    row = ledger.db.execute("SELECT max(number) FROM applications").fetchone()
    return int(row[0] or 0)


def newest_refund(ledger: LedgerStore) -> int:
    row = ledger.db.execute("SELECT max(refund_id) FROM refunds").fetchone()
    return int(row[0] or 0)
