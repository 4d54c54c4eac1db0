"""What is known of a sale whose receipt is not there (R5)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Final

from msgspec import Struct

from pos_terminal.core.goods_code import Codes
from pos_terminal.core.listed import ListedSale

LEAST: Final = 2
"""So many of the four must be known."""
MOST_COUNTED: Final = 100
"""Sales that fit are counted so far."""
MOST_SHOWN: Final = 9
"""Of more than these none is shown: nobody looks through pages of what may be somebody else's."""


class Sought(Struct, frozen=True):
    """What a sale must have, all of it."""

    amount: int | None = None
    """Minor units: of the sale, or of a leg."""
    on: date | None = None
    """The shop's day: of the sale, or of a payment that was made at most a day from it."""
    last_four: str = ""
    """Digits of a card that paid."""
    goods: Codes | None = None
    """Of something that was sold."""

    @property
    def known(self) -> int:
        """How many of the four."""
        given = (self.amount is not None, self.on is not None, self.last_four, self.goods)
        return sum(map(bool, given))


class Hits(Struct, frozen=True):
    """The sales that fit, newest first."""

    count: int
    """At most ``MOST_COUNTED``, which stands for any number from there on."""
    sales: Sequence[ListedSale]
    """All of them, or none where they are more than ``MOST_SHOWN``."""
