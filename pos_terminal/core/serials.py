"""Numbers of single pieces, such as an IMEI: a line has them where the till told them (R72)."""

from __future__ import annotations

from typing import Final

from pos_terminal.core.quantity import SCALE
from pos_terminal.core.sale import SaleLine
from pos_terminal.core.scan_goods import is_weighed

MOST: Final = 64
"""Characters, as the feed has them."""
_SHOWN: Final = 4


def has_serials(line: SaleLine) -> bool:
    """Whether each piece of it is known by a number."""
    return bool(line.serials) and not is_weighed(line)


def pieces(quantity: int) -> int:
    """Of thousandths."""
    return quantity // SCALE


def tail(serial: str) -> str:
    """What people compare on two labels."""
    return serial if len(serial) <= _SHOWN else f"…{serial[-_SHOWN:]}"
