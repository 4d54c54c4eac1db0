"""What goods a refund names: quantities of lines of the sale, and what falls to each (R11, R14)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec import Struct

from pos_terminal.core.quantity import worth
from pos_terminal.core.refund import Kind
from pos_terminal.core.sale import Sale

Quantities = Mapping[int, int]
"""Thousandths by the number of the line."""


class Item(Struct, frozen=True):
    """So much of one line goes back."""

    line: int
    quantity: int
    """Thousandths."""
    amount: int
    """Its share of the refund, minor units: those of a refund add up to it."""


def what_remains(sale: Sale) -> dict[int, int]:
    """Of every line that is not wholly returned or held."""
    return {line.line: line.remaining for line in sale.lines if line.remaining > 0}


def worth_of(sale: Sale, quantities: Quantities) -> int:
    """At the prices of the sale, minor units. KeyError for a line that it has not."""
    return sum(worths_of(sale, quantities))


def worths_of(sale: Sale, quantities: Quantities) -> list[int]:
    """As ``worth_of``, for each line."""
    prices = {line.line: line.unit_price for line in sale.lines}
    return [worth(each, prices[line]) for line, each in quantities.items()]


def most_for(sale: Sale, left: int, quantities: Quantities) -> int:
    """The most that these goods bring, with ``left`` minor units open on the leg.

    What is left of the sale's goods brings all that is left of its money: a delivery or a tax
    that no line has goes back with them.
    """
    if not quantities or quantities == what_remains(sale):
        return left
    return min(left, worth_of(sale, quantities))


def name_items(sale: Sale, kind: Kind, amount: int, chosen: Quantities) -> tuple[Item, ...]:
    """What a refund of ``amount`` names: what was chosen, or everything by itself.

    All of a sale of which nothing was given back yet means all of its goods, and a void takes
    the whole sale back whatever was chosen. Any other amount that was typed names none.
    """
    whole = amount == sale.amount == sale.remaining
    if whole and (kind is Kind.VOID or not chosen):
        chosen = what_remains(sale)
    return share_out(sale, chosen, amount)


def share_out(sale: Sale, quantities: Quantities, amount: int) -> tuple[Item, ...]:
    """``amount`` over the lines, by what each is worth."""
    shares = share(amount, worths_of(sale, quantities))
    return tuple(
        Item(line, quantity, part)
        for (line, quantity), part in zip(quantities.items(), shares, strict=True)
    )


def share(amount: int, weights: Sequence[int]) -> list[int]:
    """``amount`` in parts as the weights are; they add up to it, the largest remainders first.

    No part is above its weight where the amount is not above their sum.
    """
    total = sum(weights)
    if not total:
        return [amount if place == 0 else 0 for place in range(len(weights))]
    parts = [divmod(amount * weight, total) for weight in weights]
    missing = amount - sum(whole for whole, _ in parts)
    first = set(sorted(range(len(parts)), key=lambda place: -parts[place][1])[:missing])
    return [whole + (place in first) for place, (whole, _) in enumerate(parts)]
