"""The reference by which an acquirer knows a payment (RRN, field 37: an 12), and whose it is.

Acquirers number a day's payments and may number another year's the same, never the next day's. What
day it was, the till, the acquirer and the slip may say otherwise around midnight.
"""

from __future__ import annotations

from datetime import date
from typing import Final

NEIGHBOUR_DAYS: Final = 1
"""How far a clock or a zone may put a payment from its day."""


def spelled(text: str) -> str:
    """As it is typed, scanned and compared: capital letters, and nothing between them. What a till
    told is kept, and sent, as it told it."""
    return "".join(text.split()).upper()


def neighbours(on: str, other: str) -> bool:
    """Whether these days (ISO 8601) may be one, by clocks that differ."""
    apart = date.fromisoformat(on) - date.fromisoformat(other)
    return abs(apart.days) <= NEIGHBOUR_DAYS
