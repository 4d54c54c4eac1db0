"""How much goes back or which goods, and why these bring less than they are worth (R11, R74)."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from pos_terminal.core.items import Deductions, Quantities, named_by, taken_off
from pos_terminal.core.looked import Deducted
from pos_terminal.core.money import with_symbol
from pos_terminal.core.sale import Sale, Tender
from pos_terminal.core.words import say
from pos_terminal.flows.common.desk import Desk
from pos_terminal.flows.common.steps import BackHere
from pos_terminal.flows.refund.ask_amount import Asked, ask_amount, left_of
from pos_terminal.flows.refund.inspect_goods import ask_kind, say_defective
from pos_terminal.flows.refund.inspected import Inspected, inspected_of, say_read
from pos_terminal.ui.ask import heading
from pos_terminal.ui.page import Line


class Less(Struct, frozen=True):
    """What goods bring less, and why."""

    off: Deductions
    kind: Deducted


async def how_much(
    desk: Desk, sale: Sale, legs: Sequence[Tender], asked: Asked, before: Inspected | None
) -> Inspected:
    """Of these payments; what was said ``before`` of the same goods stands."""
    while True:
        await ask_amount(desk, sale, legs, asked)
        inspected = inspected_of(sale, asked.chosen or named_by(sale, asked.amount), before)
        say_defective(desk, inspected, asked.defective)
        say_read(inspected, asked.serials)
        with BackHere():
            less = await why_less(desk, sale, left_of(legs), asked.chosen, asked.amount)
            take_off(inspected, asked, less)
            return inspected


async def why_less(
    desk: Desk, sale: Sale, left: int, chosen: Quantities, amount: int
) -> Less | None:
    """Asked where goods that were chosen bring more than was typed."""
    if not chosen or not (off := taken_off(sale, left, chosen, amount)):
        return None
    total, currency = sum(off.values()), sale.currency
    about = (
        Line(say("goods.worth"), with_symbol(amount + total, currency)),
        heading(say("goods.deduct"), f"-{with_symbol(total, currency)}"),
        heading(say("flows.amount"), with_symbol(amount, currency)),
    )
    return Less(off, await ask_kind(desk, about))


def take_off(inspected: Inspected, asked: Asked, less: Less | None) -> None:
    """What makes it the amount that was typed; nothing any more where something did before."""
    if less is not None or asked.less:
        inspected.keep(inspected.lines, deduction=0, deducted_for=None)
    asked.less = less is not None
    if less is None:
        return
    asked.amount += sum(less.off.values())
    for line in inspected.lines:
        if off := less.off.get(line.line):
            inspected.keep([line], deduction=off, deducted_for=less.kind)
