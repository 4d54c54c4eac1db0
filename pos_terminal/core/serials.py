"""Numbers of single pieces, such as an IMEI: a line has them where the till told them (R72)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from msgspec import Struct, field

from pos_terminal.core.quantity import SCALE
from pos_terminal.core.sale import SaleLine
from pos_terminal.core.scan_goods import is_weighed

MOST: Final = 64
"""Characters, as the feed has them."""
_SHOWN: Final = 4


class PiecesBack(Struct, frozen=True):
    """What became of the pieces of a sale, by their numbers."""

    back: frozenset[str] = frozenset()
    """Those that are back, or held by a refund without an outcome."""
    absent: Mapping[str, int] = field(default_factory=dict)
    """Those that were paid for and, as somebody said then or since, never came; by the application
    that named them."""

    unnamed: Mapping[int, int] = field(default_factory=dict)
    """By the line: the first application that paid for a piece of which nobody read the number, and
    which, likewise, never came. Any piece of that line may be it."""

    @property
    def settled(self) -> frozenset[str]:
        """For which no other piece comes back."""
        return self.back | self.absent.keys()


def has_serials(line: SaleLine) -> bool:
    """Whether each piece of it is known by a number."""
    return bool(line.serials) and not is_weighed(line)


def pieces(quantity: int) -> int:
    """Of thousandths."""
    return quantity // SCALE


def unread(line: SaleLine, quantity: int, serials: Sequence[str]) -> int:
    """How many of so many thousandths have a number that nobody read."""
    return pieces(quantity) - len(serials) if has_serials(line) else 0


def tail(serial: str) -> str:
    """What people compare on two labels."""
    return serial if len(serial) <= _SHOWN else f"…{serial[-_SHOWN:]}"
