"""An amount shared out, so that the parts always add up to it."""

from __future__ import annotations

from collections.abc import Sequence


def share(amount: int, weights: Sequence[int]) -> list[int]:
    """``amount`` in parts as the weights are; they add up to it, the largest remainders first.

    No part is above its weight where the amount is not above their sum.
    """
    if len(weights) == 1:
        return [amount]
    total = sum(weights)
    if not total:
        return [amount if place == 0 else 0 for place in range(len(weights))]
    parts = [divmod(amount * weight, total) for weight in weights]
    missing = amount - sum(whole for whole, _ in parts)
    first = set(sorted(range(len(parts)), key=lambda place: -parts[place][1])[:missing])
    return [whole + (place in first) for place, (whole, _) in enumerate(parts)]
