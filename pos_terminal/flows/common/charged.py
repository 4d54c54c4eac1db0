"""What the till charged for a line, wherever a sale is shown as its receipt has it."""

from __future__ import annotations

from pos_terminal.core.money import format_amount
from pos_terminal.core.price import list_worth
from pos_terminal.core.sale import LineKind, SaleLine


def charged(line: SaleLine, currency: str) -> str:
    """In all; of a discount what it took off. By the price list where nothing says what was paid.

    What it brings is another matter (``core/worth.py``).
    """
    if line.paid is not None:
        return format_amount(line.paid, currency)
    listed = list_worth(line.quantity, line.price)
    return format_amount(-listed if line.kind is LineKind.DISCOUNT else listed, currency)
