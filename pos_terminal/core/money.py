"""Money is an integer number of minor units (分) and its currency; never a float."""

from __future__ import annotations

from typing import Final

from pos_terminal.core.currencies import CURRENCIES

MAX_AMOUNT: Final = 999_999_999_999
"""The most that field 4 (n12) carries, in minor units."""


def minor_digits(currency: str) -> int:
    """How many decimal places the currency has; none are made up for one that is not listed."""
    entry = CURRENCIES.get(currency)
    return 0 if entry is None else entry.digits


def currency_name(currency: str) -> str:
    """``CNY`` for ``156``; a currency that is not listed by its number."""
    entry = CURRENCIES.get(currency)
    return currency if entry is None else entry.letters


def format_amount(amount: int, currency: str) -> str:
    """``12345`` minor units as ``123.45``; no grouping, so that it can be typed back."""
    digits = minor_digits(currency)
    sign = "-" if amount < 0 else ""
    whole, part = divmod(abs(amount), 10**digits)
    return f"{sign}{whole}.{part:0{digits}d}" if digits else f"{sign}{whole}"


def with_symbol(amount: int, currency: str) -> str:
    """The amount with its symbol in front, ``¥123.45``, or its letters: ``KWD 123.456``."""
    entry = CURRENCIES.get(currency)
    symbol = entry.symbol if entry is not None else None
    return f"{symbol or currency_name(currency) + ' '}{format_amount(amount, currency)}"
