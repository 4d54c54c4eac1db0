"""What is known of the goods of a sale that come back, until somebody says otherwise (R16)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from pos_terminal.core.items import Quantities, brings, worths_of
from pos_terminal.core.money import with_symbol
from pos_terminal.core.quantity import format_quantity
from pos_terminal.core.sale import Sale, SaleLine
from pos_terminal.core.scan_goods import Serials
from pos_terminal.core.words import Words, say
from pos_terminal.flows.common.found_goods import SaidOf, came_back
from pos_terminal.policy_options import Reason
from pos_terminal.ui.ask import heading
from pos_terminal.ui.page import Line


class Inspected(Struct):
    """The goods that come back of one sale, and what the clerk has said of them so far."""

    sale: Sale
    quantities: Quantities
    """Of goods; a fee is not looked at."""
    gross: int
    """What goes back where nothing is taken off, minor units."""
    said: dict[int, SaidOf]
    reason: Reason | None = None
    """That of the others, once it is known."""
    in_hand: bool = False
    """All of it is here: others go out for it, or nothing but the goods speaks for them."""

    @property
    def lines(self) -> Sequence[SaleLine]:
        return [line for line in self.sale.lines if line.line in self.quantities]

    def of(self, line: SaleLine) -> SaidOf:
        return self.said.get(line.line, SaidOf())

    @property
    def unsaid(self) -> Sequence[SaleLine]:
        """How they are, or that they did not come back."""
        said = [(line, self.of(line)) for line in self.lines]
        return [line for line, of in said if of.condition is None and of.back is not False]

    def worth(self, line: SaleLine) -> int:
        one = {line.line: self.quantities[line.line]}
        return worths_of(self.sale, one)[line.line]

    def defective(self, line: SaleLine) -> bool:
        of_line = self.of(line).reason or self.reason
        return of_line is not None and of_line.defect

    def off(self) -> int:
        return sum(self.of(line).deduction for line in self.lines)

    def lacks(self, line: SaleLine, reason: Reason | None) -> bool:
        """Whether it did not come back, as was said, or as ``reason`` means it."""
        said = self.of(line)
        if (own := said.reason or reason) is None:
            return said.back is False
        return not came_back(said, own)

    def keep(self, lines: Sequence[SaleLine], **said: Any) -> None:
        """What the clerk says of these now."""
        for line in lines:
            self.said[line.line] = replace(self.of(line), **said)

    def for_less(self, line: SaleLine) -> bool:
        """Whether its condition is one that refuses, and it was taken for less all the same."""
        said = self.of(line)
        return said.condition is not None and said.condition.refuse

    def as_whole(self, lines: Sequence[SaleLine]) -> None:
        """They are in another condition after all: what that one alone took off goes with it."""
        of_these = [line for line in lines if self.for_less(line)]
        self.keep(of_these, deduction=0, deducted_for=None)

    def heading_of(self, line: SaleLine) -> Line:
        """Which goods, how many, and what they are worth."""
        quantity = format_quantity(self.quantities[line.line])
        worth = with_symbol(self.worth(line), self.sale.currency)
        return heading(f"{line.name} ×{quantity}", worth)


def inspected_of(
    sale: Sale,
    quantities: Quantities,
    before: Inspected | None = None,
    *,
    in_hand: bool = False,
) -> Inspected:
    """With what was said ``before`` of the very same goods."""
    numbers = {line.line for line in sale.goods}
    goods = {line: quantity for line, quantity in quantities.items() if line in numbers}
    same = before is not None and (before.sale.lines, before.quantities) == (sale.lines, goods)
    said = before.said if before is not None and same else {}
    gross = brings(sale, quantities) if quantities else 0
    inspected = Inspected(sale, goods, gross, said, in_hand=in_hand)
    if in_hand:
        inspected.keep(inspected.lines, back=True)
    return inspected


def say_read(inspected: Inspected, serials: Serials) -> None:
    """Pieces whose numbers were read are here, until somebody says otherwise."""
    read = [line for line in inspected.lines if serials.get(line.line)]
    inspected.keep([line for line in read if inspected.of(line).back is None], back=True)


def less_deductions(inspected: Inspected, asked: int, left: int) -> int:
    """What goes back of ``asked`` with what is taken off: no more than the goods bring so."""
    off = inspected.off()
    return min(asked, left, inspected.gross - off) if off else asked


def deducted_lines(inspected: Inspected, amount: int) -> tuple[Line, ...]:
    """What the goods are worth, what is taken off, and what goes back; nothing where none is."""
    if not (off := inspected.off()):
        return ()
    currency = inspected.sale.currency
    return (
        Line(say("goods.worth"), with_symbol(sum(map(inspected.worth, inspected.lines)), currency)),
        heading(say("goods.deduct"), f"-{with_symbol(off, currency)}"),
        heading(say("flows.amount"), with_symbol(amount, currency)),
    )


def against_reason(inspected: Inspected, reason: Reason) -> Words | None:
    """Of all that have none of their own."""
    of_lines = [(line, inspected.of(line).reason or reason) for line in inspected.lines]
    found = (against_own(inspected, line, own) for line, own in of_lines)
    return next((one for one in found if one is not None), None)


def against_own(inspected: Inspected, line: SaleLine, reason: Reason) -> Words | None:
    """Goods that are here came, and of those that did not nothing is deducted, nor of defective
    ones, which are sold to nobody else."""
    said = inspected.of(line)
    absent = reason.goods == "none"
    if absent and inspected.in_hand:
        return say("goods.are_here")
    if absent and said.deduction and said.condition is None and not said.back:
        return say("goods.absent")
    if not reason.defect:
        return None
    if said.deduction:
        return no_deduction(line)
    return say("goods.not_restocked") if said.condition and said.condition.restocks else None


def no_deduction(line: SaleLine) -> Words:
    return say("rules.defect_for_less", goods=line.name)
