"""In which condition goods come back: as the clerk says, or as the reason proposes (R16)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from pos_terminal.core.goods_back import GoodsBack
from pos_terminal.core.items import Item
from pos_terminal.core.looked import NOBODY_LOOKED, Deducted, Looked
from pos_terminal.core.money import with_symbol
from pos_terminal.core.quantity import format_quantity
from pos_terminal.core.sale import Sale
from pos_terminal.core.scan_goods import Serials
from pos_terminal.core.sorts import Scanned, name_back, sorts_of
from pos_terminal.core.words import say
from pos_terminal.flows.common.desk import Desk
from pos_terminal.policy_options import Condition, Reason, name_of
from pos_terminal.ui.ask import heading
from pos_terminal.ui.page import Line


class SaidOf(Struct, frozen=True):
    """What the clerk said of the goods of one line; the rest is as the reason proposes."""

    condition: Condition | None = None
    reason: Reason | None = None
    """Theirs, where it is not that of the others."""
    deduction: int = 0
    """Minor units (R74)."""
    deducted_for: Deducted | None = None
    back: bool | None = None
    """Whether they came back; None: as the reason supposes, unless somebody looked at them."""


Said = Mapping[int, SaidOf]
"""By the number of the line."""
NOTHING_SAID: Final[Said] = MappingProxyType({})


def with_found(
    desk: Desk, sale: Sale, items: Iterable[Item], reason: Reason, said: Said = NOTHING_SAID
) -> tuple[Item, ...]:
    """Each of the goods with what was ``said`` of its line, or what the reason proposes."""
    goods = {line.line for line in sale.goods}
    return tuple(
        replace(one, looked=looked_of(desk, reason, said.get(one.line, SaidOf())))
        if one.line in goods
        else one
        for one in items
    )


def looked_of(desk: Desk, reason: Reason, said: SaidOf) -> Looked:
    own = said.reason or reason
    if not came_back(said, own):
        return Looked(own.code, disposition=None)
    proposal = proposed(desk, own)
    condition = said.condition
    if condition is not None:
        proposal = Looked(proposal.reason, condition.code, condition.disposition)
    return replace(proposal, deduction=said.deduction, deducted_for=said.deducted_for)


def came_back(said: SaidOf, reason: Reason) -> bool:
    """What has a condition, or brings less for how it is, was seen."""
    if said.condition is not None or said.deduction:
        return True
    return reason.goods != "none" if said.back is None else said.back


def with_pieces(
    sale: Sale, items: Iterable[Item], serials: Serials, scanned: Scanned
) -> tuple[Item, ...]:
    """With the numbers that were read, and what of them went out in an exchange; of what did not
    come back as well: who brings it after all is paid no more."""
    return tuple(
        one
        if (found := one.looked) is None
        else replace(one, looked=_with_pieces(sale, one, found, serials, scanned))
        for one in items
    )


def _with_pieces(
    sale: Sale, one: Item, found: Looked, serials: Serials, scanned: Scanned
) -> Looked:
    line, read = sale.line(one.line), tuple(serials.get(one.line, ()))
    sorts = sorts_of(line, one.quantity, scanned.get(one.line, ()), read)
    return replace(found, serials=read, sorts=sorts)


def proposed(desk: Desk, reason: Reason) -> Looked:
    """What refuses goods is never proposed, nor what they bring less (``policy_options``)."""
    condition = desk.shop.condition(reason.condition)
    if condition is None:
        return replace(NOBODY_LOOKED, reason=reason.code)
    return Looked(reason.code, condition.code, condition.disposition)


_MOST_NAMED: Final = 5
"""Lines of goods that are alike; the menu key leads to all of them."""


def found_lines(
    desk: Desk, sale: Sale, items: Iterable[Item], *, named: bool = False
) -> tuple[Line, ...]:
    """Which goods, how they were found and where they go, once for all of them or line by line; and
    of each that brings less its worth and what is taken off. Where none came back, ``back_lines``
    says so. ``named``: the screen says already which they are."""
    looked = [(one, one.looked) for one in items if one.looked is not None]
    alike = {replace(found, serials=(), sorts=()) for _, found in looked}
    if len(alike) <= 1 and not any(found.deduction for found in alike):
        names = () if named else _names(sale, [one for one, _ in looked])
        all_of_it = [one for _, one in looked[:1] if one.disposition is not None]
        return (*names, *(found_line(desk, one) for one in all_of_it))
    by_reason = len({found.reason for found in alike}) > 1
    lines: list[Line] = []
    for one, found in looked:
        worth = with_symbol(one.worth, sale.currency) if found.deduction else ""
        lines += [Line(_name(sale, one), worth), found_line(desk, found)]
        if by_reason:
            lines.append(Line(reason_name(desk, found.reason)))
        if found.deducted_for is not None:
            off = f"-{with_symbol(found.deduction, sale.currency)}"
            lines.append(heading(say(f"goods.for_{found.deducted_for.value}"), off))
    return tuple(lines)


def _names(sale: Sale, items: Sequence[Item]) -> list[Line]:
    more = len(items) - _MOST_NAMED
    left_out = [Line(say("goods.more", count=more))] if more > 0 else []
    return [*(Line(_name(sale, one)) for one in items[:_MOST_NAMED]), *left_out]


def _name(sale: Sale, one: Item) -> str:
    sorts = () if one.looked is None else one.looked.sorts
    name = name_back(sale.line(one.line), one.quantity, sorts)
    return f"{name} ×{format_quantity(one.quantity)}"


def back_lines(answer: GoodsBack | None) -> tuple[Line, ...]:
    """That no goods come back, or nobody knows; those that are named speak for themselves."""
    if answer is None or answer is GoodsBack.NAMED:
        return ()
    return (Line(say(f"goods.said_{answer.value}")),)


def found_line(desk: Desk, found: Looked) -> Line:
    """The condition as the shop calls it."""
    if found.disposition is None:
        return Line(say("goods.back_none"))
    if not found.condition:
        return Line(say("goods.nobody_looked"))
    name = name_of(desk.shop.conditions, found.condition, desk.ui.language)
    return Line(say(f"goods.found_{found.disposition.value}", condition=name))


def reason_name(desk: Desk, code: str) -> str:
    return name_of(desk.shop.reasons, code, desk.ui.language)
