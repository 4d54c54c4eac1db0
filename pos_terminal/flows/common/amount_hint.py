"""What is said about typing an amount, in whatever matter."""

from __future__ import annotations

from typing import Final

from pos_terminal.core.money import format_amount, minor_digits
from pos_terminal.core.words import Words, say
from pos_terminal.ui.point import units


def amount_hint(currency: str, *, goods: bool = False) -> Words | None:
    """How an amount is typed, and the way to the goods. Without minor units: as it stands."""
    digits = minor_digits(currency)
    if not digits:
        return say("flows.goods_hint") if goods else None
    return say(
        "flows.amount_hint_goods" if goods else "flows.amount_hint",
        minor=_MINOR,
        major=format_amount(_MINOR, currency),
        typed=_TYPED,
        taken=format_amount(int(units(_TYPED, digits)), currency),
    )


_MINOR: Final = 1234
_TYPED: Final = "5.5"
