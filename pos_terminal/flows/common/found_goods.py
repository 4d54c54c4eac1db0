"""In which condition goods come back: as the clerk says, or as the reason proposes (R16)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from msgspec.structs import replace

from pos_terminal.core.items import Item
from pos_terminal.core.looked import NOBODY_LOOKED, Looked
from pos_terminal.core.sale import LineKind, Sale
from pos_terminal.core.words import say
from pos_terminal.flows.common.desk import Desk
from pos_terminal.policy_options import Reason
from pos_terminal.texts import Language
from pos_terminal.ui.page import Line


def with_found(
    desk: Desk,
    sale: Sale,
    items: Iterable[Item],
    reason: Reason,
    said: Mapping[int, Looked] = MappingProxyType({}),
) -> tuple[Item, ...]:
    """Each of the goods with what was ``said`` of its line, or what the reason proposes."""
    goods = {line.line for line in sale.lines if line.kind is LineKind.GOODS}
    by_reason = proposed(desk, reason)
    return tuple(
        replace(one, looked=said.get(one.line, by_reason)) if one.line in goods else one
        for one in items
    )


def proposed(desk: Desk, reason: Reason) -> Looked:
    """What refuses goods is never proposed, nor what they bring less (``policy_options``)."""
    condition = desk.shop.condition(reason.condition)
    if condition is None:
        return replace(NOBODY_LOOKED, reason=reason.code)
    return Looked(reason.code, condition.code, condition.disposition)


def found_lines(desk: Desk, sale: Sale, items: Iterable[Item]) -> tuple[Line, ...]:
    """How they were found and where they go: once for all of them, or line by line."""
    looked = [(one, one.looked) for one in items if one.looked is not None]
    if len({(found.condition, found.disposition) for _, found in looked}) <= 1:
        return tuple(found_line(desk, found) for _, found in looked[:1])
    names = {line.line: line.name for line in sale.lines}
    lines = ((Line(names[one.line]), found_line(desk, found)) for one, found in looked)
    return tuple(line for pair in lines for line in pair)


def found_line(desk: Desk, found: Looked) -> Line:
    """The condition as the shop calls it; a code that it has no longer as it is."""
    if not found.condition:
        return Line(say("goods.nobody_looked"))
    condition = desk.shop.condition(found.condition)
    name = found.condition
    if condition is not None:
        name = condition.zh if desk.ui.language is Language.ZH_CN else condition.en
    return Line(say(f"goods.found_{found.disposition.value}", condition=name))
