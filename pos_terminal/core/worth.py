"""What was paid for each line of a sale: what its goods are worth when they come back.

The money of a sale that is no fee's is its goods', to the last minor unit: discounts and a tax
that stand outside the lines are shared over them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from pos_terminal.core.price import list_worth
from pos_terminal.core.sale import LineKind, Sale, SaleLine
from pos_terminal.core.share import share
from pos_terminal.core.words import Value

Worths = Mapping[int, int]
"""Minor units by the number of the line, of all that was sold of it."""


class WorthError(ValueError):
    """The lines' money and the sale's do not go together. ``code`` is told with ``values``."""

    def __init__(self, code: str, **values: Value) -> None:
        super().__init__(" ".join([code, *(f"{name}={value}" for name, value in values.items())]))
        self.code, self.values = code, values


def worths(sale: Sale) -> dict[int, int]:
    """Of goods and fees, all that was sold of them; a discount is in the worth of goods."""
    goods = sale.goods
    found = {line.line: _fee(sale, line) for line in sale.lines if line.kind is LineKind.FEE}
    pools = _pools(sale, goods)
    pot = max(0, sale.amount - sum(found.values()))
    for (lines, _), money in zip(pools, share(pot, [paid for _, paid in pools]), strict=True):
        sold = [line for line in lines if line.quantity]
        found |= zip((line.line for line in sold), share(money, _weights(sold)), strict=True)
    return found


def worth_of_part(whole: int, line: SaleLine, quantity: int) -> int:
    """What so many thousandths bring on top of what is back already: the difference of two sums.

    However a line comes back, in whatever steps, its parts add up to the whole.
    """
    before = line.returned + line.held
    return _up_to(whole, line, before + quantity) - _up_to(whole, line, before)


def check(sale: Sale) -> None:
    """WorthError where what was paid for the lines is not the sale's amount, or the fees exceed it.

    Where a line says what was paid for it, nothing was paid for those that don't.
    """
    paid = [line.paid for line in sale.lines if line.paid is not None]
    if paid and sum(paid) != sale.amount:
        raise WorthError("paid_sum", paid=sum(paid), amount=sale.amount)
    fees = sum(_fee(sale, line) for line in sale.lines if line.kind is LineKind.FEE)
    if fees > sale.amount:
        raise WorthError("fees", fees=fees, amount=sale.amount)
    for group, lines in _groups(sale).items():
        if (of_group := sum(line.paid or 0 for line in lines)) < 0:
            raise WorthError("group_paid", group=group, paid=of_group)


def _pools(sale: Sale, goods: Sequence[SaleLine]) -> list[tuple[Sequence[SaleLine], int]]:
    """Lines that share money with each other, and how much was paid for them together."""
    if not _is_paid_told(sale):
        return [(goods, 1)] if goods else []
    groups = _groups(sale)
    alone = [line for line in goods if line.group not in groups]
    return [
        *(([line], line.paid or 0) for line in alone),
        *(
            ([one for one in lines if one.kind is LineKind.GOODS], sum(x.paid or 0 for x in lines))
            for lines in groups.values()
        ),
    ]


def _groups(sale: Sale) -> dict[str, list[SaleLine]]:
    """Goods and discounts of each promotion. A discount without goods is every line's."""
    found: dict[str, list[SaleLine]] = defaultdict(list)
    for line in sale.lines:
        if line.group and line.kind is not LineKind.FEE:
            found[line.group].append(line)
    return {
        group: lines
        for group, lines in found.items()
        if any(line.kind is LineKind.GOODS for line in lines)
    }


def _is_paid_told(sale: Sale) -> bool:
    return any(line.paid is not None for line in sale.lines)


def _fee(sale: Sale, line: SaleLine) -> int:
    return (line.paid or 0) if _is_paid_told(sale) else list_worth(line.quantity, line.price)


def _weights(lines: Sequence[SaleLine]) -> list[int]:
    """By list worth, not rounded; by quantity where the list says nothing of any."""
    listed = [line.quantity * line.price for line in lines]
    return listed if any(listed) else [line.quantity for line in lines]


def _up_to(whole: int, line: SaleLine, quantity: int) -> int:
    """Rounded half up; all of it is the whole."""
    return (2 * whole * quantity + line.quantity) // (2 * line.quantity) if line.quantity else 0
