"""What one of something costs on the price list: millionths of a minor unit, never a float.

Tills price what is weighed, or what a percentage was taken off, finer than money is.
"""

from __future__ import annotations

from typing import Final

from pos_terminal.core import quantity as quantities

SCALE: Final = 1_000_000
DECIMALS: Final = 6


def parse_price(given: str | int) -> int:
    """Minor units, whole or as text with decimals. TooFine, ValueError for no number."""
    return quantities.parse_decimal(str(given), DECIMALS)


def as_given(price: int) -> str | int:
    """As a record has it: whole minor units as a number, others as text."""
    return quantities.format_decimal(price, DECIMALS) if price % SCALE else price // SCALE


def list_worth(quantity: int, price: int) -> int:
    """Thousandths at this price, in minor units, rounded half up: as tills do for what they weigh.

    Nothing of it says what was paid.
    """
    parts = quantities.SCALE * SCALE
    return (2 * quantity * price + parts) // (2 * parts)
