"""What the till charged for a line, wherever a sale is shown as its receipt has it."""

from __future__ import annotations

from pos_terminal.core.money import format_amount
from pos_terminal.core.sale import SaleLine


def charged(line: SaleLine, currency: str) -> str:
    """In all. What it brings is another matter (``core/worth.py``)."""
    return format_amount(line.charged, currency)
