"""What goods a refund names: quantities of lines of the sale, and what falls to each (R11, R14)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from pos_terminal.core.looked import Looked, Sort
from pos_terminal.core.refund import Kind
from pos_terminal.core.sale import LineKind, Sale, SaleLine, Tender
from pos_terminal.core.share import share
from pos_terminal.core.worth import worth_of_part, worths

Quantities = Mapping[int, int]
"""Thousandths by the number of the line."""
Deductions = Mapping[int, int]
"""What goods bring less than they are worth (R74), minor units by the number of the line."""
NOTHING_OFF: Final[Deductions] = MappingProxyType({})


class Item(Struct, frozen=True):
    """So much of one line goes back."""

    line: int
    quantity: int
    """Thousandths."""
    amount: int
    """Its share of the refund, minor units: those of a refund add up to it."""
    worth: int
    """What was paid for it. More than ``amount`` where less is given back."""
    looked: Looked | None = None
    """What was found of it; None of one from before goods were looked at."""

    @property
    def brings(self) -> int:
        """What its goods are given back, by all payments: their worth but what is deducted."""
        return self.worth - (0 if self.looked is None else self.looked.deduction)

    @property
    def sorts(self) -> tuple[Sort, ...]:
        """What of it is other goods than those sold."""
        return () if self.looked is None else self.looked.sorts


def what_remains(sale: Sale) -> dict[int, int]:
    """Of every line that is not wholly returned or held; discounts are none."""
    return {line.line: line.remaining for line in sale.lines if line.remaining > 0}


def has_goods(sale: Sale) -> bool:
    """Left, that could come back."""
    return any(line.remaining > 0 for line in sale.goods)


def can_be_chosen(line: SaleLine) -> bool:
    return line.returnable and line.remaining > 0


def worths_of(sale: Sale, quantities: Quantities) -> dict[int, int]:
    """What these goods are worth, each, after what is back already. KeyError for no such line."""
    whole = worths(sale)
    return {
        number: worth_of_part(whole.get(number, 0), sale.line(number), quantity)
        for number, quantity in quantities.items()
    }


def brings(sale: Sale, quantities: Quantities) -> int:
    """What these goods and fees bring, minor units, whatever leg it comes from.

    The last goods bring all that is left but the fees: what an earlier refund left owed, too. A
    fee brings its own.
    """
    worth = worths_of(sale, quantities)
    fees = {line.line for line in sale.lines if line.kind is LineKind.FEE}
    of_fees = sum(each for number, each in worth.items() if number in fees)
    of_goods = sum(worth.values()) - of_fees
    goods = {number: left for number, left in what_remains(sale).items() if number not in fees}
    if goods and all(quantities.get(number) == left for number, left in goods.items()):
        of_goods += owed(sale) + _beside_lines(sale)
    of_goods = max(0, of_goods - paid_ahead(sale, quantities))
    return min(sale.offered, min(of_goods, _without_fees(sale)) + of_fees)


def paid_ahead(sale: Sale, quantities: Quantities) -> int:
    """What was given for these goods before, in a ticket that did not take them back."""
    whole = worths(sale)

    def weight(goods: Quantities) -> int:
        return sum(
            whole.get(number, 0) * quantity // (sale.line(number).quantity or 1)
            for number, quantity in goods.items()
        )

    paid = 0
    for one in sale.ahead:
        both = {n: min(one.goods[n], quantity) for n, quantity in quantities.items()
                if n in one.goods}  # fmt: skip
        paid += one.amount * weight(both) // (weight(one.goods) or 1)
    return paid


def due(sale: Sale) -> int:
    """What the whole rest of the sale brings: goods that came back for less are settled."""
    return min(sale.offered, _worth_left(sale) + owed(sale) + _beside_lines(sale))


def owed(sale: Sale) -> int:
    """Still, of goods that are back: never what the goods that are left bring."""
    return min(sale.owed, max(0, sale.offered - _worth_left(sale)))


def is_owed(sale: Sale, amount: int, *, to_holder: bool) -> bool:
    """Whether so much, for which no goods come, is owed for goods that are back: to who paid, or
    to who has the gift receipt (``to_holder``)."""
    whose = replace(sale, owed=sale.owed_to_holder) if to_holder else sale
    return 0 < amount <= owed(whose)


def deductions_of(items: Iterable[Item]) -> dict[int, int]:
    """Of those of them that bring less."""
    return {
        one.line: one.looked.deduction
        for one in items
        if one.looked is not None and one.looked.deduction
    }


def most_for(
    sale: Sale, tender: Tender, quantities: Quantities, off: Deductions = NOTHING_OFF
) -> int:
    """The most that goes back to this leg."""
    return most_of(sale, tender.remaining, quantities, off)


def most_of(sale: Sale, left: int, quantities: Quantities, off: Deductions = NOTHING_OFF) -> int:
    """The most that goes back of ``left``: with goods what they bring, less what is taken ``off``;
    without all of it."""
    if not quantities:
        return left
    return min(left, max(0, brings(sale, quantities) - sum(off.values())))


def taken_off(sale: Sale, left: int, quantities: Quantities, amount: int) -> Deductions | None:
    """What ``amount`` for goods that are named takes off each, by what it is worth (R74). Nothing
    where they bring no more of ``left``; None where that has not enough for them, or a fee would
    have to bring less."""
    most, worth = brings(sale, quantities), worths_of(sale, quantities)
    if amount >= min(left, most, sum(worth.values())):
        return NOTHING_OFF
    fees = {line.line for line in sale.lines if line.kind is LineKind.FEE}
    goods = {line: each for line, each in worth.items() if line not in fees}
    if left < most or most - amount > sum(goods.values()):
        return None
    return dict(zip(goods, share(most - amount, list(goods.values())), strict=True))


def still_owed(
    sale: Sale, left: int, amount: int, quantities: Quantities, off: Deductions = NOTHING_OFF
) -> int:
    """What a refund of ``amount`` for these goods leaves open because its legs have no more than
    ``left``.

    A smaller amount that was typed settles them, and so does what is taken ``off``.
    """
    if not quantities or amount != left:
        return 0
    return max(0, brings(sale, quantities) - sum(off.values()) - amount)


def name_items(sale: Sale, kind: Kind, amount: int, chosen: Quantities) -> tuple[Item, ...]:
    """What a refund of ``amount`` names: what was chosen, or everything by itself.

    All of a sale of which nothing was given back yet means all of its goods and fees, and so does
    later on exactly what those that are left bring. A void takes the whole sale back whatever was
    chosen. Any other amount that was typed names none.
    """
    if kind is Kind.VOID or not chosen:
        chosen = named_by(sale, amount) or chosen
    return share_out(sale, chosen, amount)


def named_by(sale: Sale, amount: int) -> Quantities:
    """The goods and fees that an amount names by itself: all that are left, or none."""
    untouched = amount == sale.amount == sale.remaining and not owed(sale)
    whole = untouched or amount == due(sale) == _worth_left(sale)
    return what_remains(sale) if whole else {}


def share_out(
    sale: Sale, quantities: Quantities, amount: int, off: Deductions = NOTHING_OFF
) -> tuple[Item, ...]:
    """``amount`` over the lines, by what each is worth less what is taken ``off``."""
    worth = worths_of(sale, quantities)
    shares = share(amount, [max(0, each - off.get(line, 0)) for line, each in worth.items()])
    return tuple(
        Item(number, quantities[number], part, each)
        for (number, each), part in zip(worth.items(), shares, strict=True)
    )


def _worth_left(sale: Sale) -> int:
    return sum(worths_of(sale, what_remains(sale)).values())


def _without_fees(sale: Sale) -> int:
    """Of the sale's money that is offered, what no fee that could come back has."""
    fees = {line.line: line.remaining for line in sale.lines if line.kind is LineKind.FEE}
    return max(0, sale.offered - sum(worths_of(sale, fees).values()))


def _beside_lines(sale: Sale) -> int:
    """Of the sale's amount, what no line has: all of it where there are no lines."""
    return sale.amount - sum(worths(sale).values())
