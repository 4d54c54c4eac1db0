"""What every slip has, whatever it is about."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct


class Copy(StrEnum):
    MERCHANT = "merchant"
    CUSTOMER = "customer"


class Head(Struct, frozen=True):
    """Whose slip it is, when it was made, and by what it is found again.

    Amounts in minor units, times ISO 8601 with offset. Empty strings are left out on paper.
    """

    copy: Copy
    merchant_name: str
    merchant_id: str
    terminal_id: str
    operator: str
    at: str
    currency: str
    amount: int
    """What was given back (or asked for, where nothing was)."""
    application: int = 0
    case: int = 0
    """Number of the case that the slip is about."""
    stan: str = ""
    contact: str = ""
    barcode: str = ""
    """Our 13-digit receipt code, leads back to the refund; on a voucher its number."""
    training: bool = False
