"""The goods that come back changed line by line: condition, reason, deduction (R16, R74)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from pos_terminal.core.money import with_symbol
from pos_terminal.core.quantity import format_quantity
from pos_terminal.core.sale import SaleLine
from pos_terminal.core.words import say
from pos_terminal.flows.common.desk import Desk
from pos_terminal.flows.common.found_goods import proposed
from pos_terminal.flows.common.menu_key import menu_key
from pos_terminal.flows.common.steps import BackHere
from pos_terminal.flows.refund.inspect_goods import ask_condition, ask_deduction
from pos_terminal.flows.refund.inspected import Inspected, against_own, no_deduction
from pos_terminal.policy_options import Reason, name_of, named
from pos_terminal.ports import Key
from pos_terminal.texts import render
from pos_terminal.ui.ask import choose, choose_or, heading
from pos_terminal.ui.page import Line, Page

_TITLE: Final = say("goods.title")
_UNSEEN: Final = say("goods.unseen")
_ABSENT: Final = say("goods.back_none")


async def change_by_line(desk: Desk, several: Sequence[Inspected]) -> None:
    """Condition, reason and deduction of each line; the menu key ends it, and so does cancel."""
    places = [(one, line) for one in several for line in one.lines]
    if len(places) == 1:
        await _change_line(desk, *places[0])
        return
    at = 0
    while True:
        options = [_option(desk, one, line) for one, line in places]
        page = Page("goods.lines", _TITLE, hint=say("goods.lines_hint"))
        picked: int | Key = Key.MENU
        with BackHere():
            picked = await choose_or(desk.ui, page, options, menu_key, first=at)
        if isinstance(picked, Key):
            return
        at = picked
        await _change_line(desk, *places[at])


async def _change_line(desk: Desk, inspected: Inspected, line: SaleLine) -> None:
    against: tuple[Line, ...] = ()
    while True:
        said = inspected.of(line)
        off = with_symbol(said.deduction, inspected.sale.currency)
        reason = said.reason or inspected.reason
        options = [
            Line(say("goods.of_condition"), _condition(desk, inspected, line)),
            Line(say("goods.of_reason"), "" if reason is None else named(reason, desk.ui.language)),
            Line(say("goods.of_deduction"), f"-{off}" if said.deduction else ""),
        ]
        page = Page(
            "goods.line",
            _TITLE,
            (*against, inspected.heading_of(line)),
            hint=say("goods.line_hint"),
        )
        picked: int | Key = Key.MENU
        with BackHere():
            picked = await choose_or(desk.ui, page, options, menu_key, first=None)
        if isinstance(picked, Key):
            return
        against = ()
        with BackHere():
            if picked == 0:
                await ask_condition(desk, inspected, [line])
            elif picked == 1:
                against = await _ask_reason(desk, inspected, line)
            elif inspected.lacks(line, inspected.reason):
                desk.ui.beep()
                against = (heading(say("goods.absent")),)
            elif inspected.defective(line):
                desk.ui.beep()
                against = (heading(no_deduction(line)),)
            else:
                await ask_deduction(desk, inspected, line, least=0)


def _option(desk: Desk, inspected: Inspected, line: SaleLine) -> Line:
    said = inspected.of(line)
    name = f"{line.name} ×{format_quantity(inspected.quantities[line.line])}"
    value = _condition(desk, inspected, line)
    if said.deduction:
        value = f"-{with_symbol(said.deduction, inspected.sale.currency)}"
    return Line(name, value)


def _condition(desk: Desk, inspected: Inspected, line: SaleLine) -> str:
    """As it was said, or as the reason proposes it."""
    said = inspected.of(line)
    if said.condition is not None:
        return named(said.condition, desk.ui.language)
    if inspected.lacks(line, inspected.reason):
        return render(_ABSENT, desk.ui.language)
    reason = said.reason or inspected.reason
    return "" if reason is None else _condition_of(desk, reason)


async def _ask_reason(desk: Desk, inspected: Inspected, line: SaleLine) -> tuple[Line, ...]:
    """Its own; what is against it."""
    reasons = desk.shop.reasons
    page = Page("goods.reason", say("flows.reason"), (inspected.heading_of(line),))
    options = [Line(named(one, desk.ui.language)) for one in reasons]
    now = inspected.of(line).reason or inspected.reason
    first = None if now is None else reasons.index(now)
    reason = reasons[await choose(desk.ui, page, options, first=first)]
    if (wrong := against_own(inspected, line, reason)) is not None:
        desk.ui.beep()
        return (heading(wrong),)
    inspected.keep([line], reason=reason)
    return ()


def proposal_of(desk: Desk, inspected: Inspected, reason: Reason) -> str:
    """Of goods of which nobody said anything: that some did not come back, or how they are."""
    if any(inspected.lacks(line, reason) for line in inspected.unsaid):
        return render(_ABSENT, desk.ui.language)
    return _condition_of(desk, reason)


def _condition_of(desk: Desk, reason: Reason) -> str:
    code, language = proposed(desk, reason).condition, desk.ui.language
    return name_of(desk.shop.conditions, code, language) if code else render(_UNSEEN, language)
