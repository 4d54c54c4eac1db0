"""The reference by which an acquirer knows a payment (RRN, field 37: an 12), and whose it is.

Acquirers number a day's payments and may number another year's the same, never the next day's. What
day it was, the till, the acquirer and the slip may say otherwise around midnight.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Final

from pos_terminal.core.normal import normal

NEIGHBOUR_DAYS: Final = 1
"""How far a clock or a zone may put a payment from its day."""


def spelled(text: str) -> str:
    """As it is typed, scanned and compared: capital letters, and nothing between them. What a till
    told is kept, and sent, as it told it."""
    return "".join(text.split()).upper()


_BETWEEN: Final = str.maketrans("", "", " -–")
_PART: Final = re.compile(r"(.*\S)\s*[-#/ ]\s*[0-9]{1,2}", re.DOTALL)
"""What people add where one payment carried out several forms."""


def payment_key(reference: str) -> str:
    """What tells a payment's reference from another one, however people spell it: blanks, dashes
    and the case of letters don't. An index has the same of what is stored."""
    shown = normal(reference).translate(_BETWEEN)
    return "".join(one.upper() if one.isascii() else one for one in shown)


def is_payment(typed: str, told: str) -> bool:
    """Whether a person meant the payment that is ``told``: by its reference, or with what tells
    the parts of it apart (``M-17-2``)."""
    part = _PART.fullmatch(normal(typed))
    ways = {payment_key(typed), *([] if part is None else [payment_key(part[1])])}
    return bool(told) and payment_key(told) in ways


def neighbours(on: str, other: str) -> bool:
    """Whether these days (ISO 8601) may be one, by clocks that differ."""
    apart = date.fromisoformat(on) - date.fromisoformat(other)
    return abs(apart.days) <= NEIGHBOUR_DAYS
