"""An acquirer of hw-sim, one terminal of its, and a sale to give back."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import Any

from hw_sim.acquirer.records import SaleRecord, Terminal

from pos_terminal.core.pan import Pan
from pos_terminal.wire.iso8583.requests import EntryMode, RefundRequest

NOW = datetime.fromisoformat("2026-11-22T15:00:00+08:00")
TERMINAL = Terminal("10020001", "898310053310001", secrets.token_bytes(16), "000042")


def a_sale(pan: str, **changes: Any) -> SaleRecord:
    """One of 100.00, made by ``TERMINAL`` an hour ago."""
    facts: dict[str, Any] = {
        "sale_id": "S1",
        "amount": 10_000,
        "rrn": "632614000001",
        "batch": "000042",
        "trace": "000101",
        "terminal_id": TERMINAL.terminal_id,
        "merchant_id": TERMINAL.merchant_id,
        "sold_at": NOW - timedelta(hours=1),
        "auth_code": "A00001",
    }
    return SaleRecord(pan=pan, **(facts | changes))


def request_of(terminal: Terminal, sale: SaleRecord, stan: str, **changes: Any) -> RefundRequest:
    """To give all of the sale back to its card, which is tapped."""
    facts: dict[str, Any] = {
        "terminal_id": terminal.terminal_id,
        "merchant_id": terminal.merchant_id,
        "batch": terminal.batch,
        "tpdu": terminal.tpdu,
        "pan": Pan(sale.pan),
        "amount": sale.amount,
        "currency": sale.currency,
        "stan": stan,
        "entry": EntryMode.TAP,
        "original_rrn": sale.rrn,
        "original_batch": sale.batch,
        "original_trace": sale.trace,
        "original_mmdd": f"{sale.sold_at:%m%d}",
        "original_auth": sale.auth_code,
    }
    return RefundRequest(**(facts | changes))
