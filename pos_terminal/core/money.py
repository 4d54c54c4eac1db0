"""Money is an integer number of minor units (分) and its currency; never a float."""

from __future__ import annotations

from typing import Final

#: ISO 4217 numeric (field 49) -> (alphabetic code, symbol, minor digits)
CURRENCIES: Final = {"156": ("CNY", "¥", 2), "840": ("USD", "$", 2), "392": ("JPY", "¥", 0)}
MAX_AMOUNT: Final = 999_999_999_999
"""The most that field 4 (n12) carries, in minor units."""


def minor_digits(currency: str) -> int:
    """How many decimal places the currency has; two for one that is not listed."""
    entry = CURRENCIES.get(currency)
    return 2 if entry is None else entry[2]


def format_amount(amount: int, currency: str = "156") -> str:
    """``12345`` minor units as ``123.45``; no grouping, so that it can be typed back."""
    digits = minor_digits(currency)
    sign = "-" if amount < 0 else ""
    whole, part = divmod(abs(amount), 10**digits)
    return f"{sign}{whole}.{part:0{digits}d}" if digits else f"{sign}{whole}"


def with_symbol(amount: int, currency: str = "156") -> str:
    """The amount with its symbol in front: ``¥123.45``."""
    entry = CURRENCIES.get(currency)
    return f"{entry[1] if entry else currency + ' '}{format_amount(amount, currency)}"
