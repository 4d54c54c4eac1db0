"""What is said about typing an amount, in whatever matter."""

from __future__ import annotations

from pos_terminal.core.money import minor_digits
from pos_terminal.core.words import Words, say


def amount_hint(currency: str, *, goods: bool = False) -> Words | None:
    """How an amount is typed, and the way to the goods. Without minor units: as it stands."""
    if minor_digits(currency):
        return say("flows.amount_hint_goods" if goods else "flows.amount_hint")
    return say("flows.goods_hint") if goods else None
