"""Amounts and times as people read them on paper."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from pos_terminal.core.money import currency_name, format_amount

RENMINBI: Final = "156"
YUAN: Final = "￥"
"""U+FFE5: the sign U+00A5 is not in GBK."""


def money(amount: int, currency: str) -> str:
    """``￥123.45``; other currencies by their letters, since the yen has the same sign."""
    figure = format_amount(amount, currency)
    if currency == RENMINBI:
        return YUAN + figure
    return f"{currency_name(currency)} {figure}"


def moment(text: str) -> str:
    """ISO 8601 as people read it, seconds and no offset; a date alone, or anything else, as is."""
    if len(text) <= len("2026-11-22"):
        return text
    try:
        return datetime.fromisoformat(text).strftime("%Y-%m-%d %H:%M:%S")
    except ValueError:
        return text
