"""How goods are that come back: asked of the clerk, changed line by line (验收, R16, R74)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from msgspec import Struct
from msgspec.structs import replace

from pos_terminal.core.items import Quantities, brings, worths_of
from pos_terminal.core.looked import Deducted, Inspection
from pos_terminal.core.money import with_symbol
from pos_terminal.core.quantity import format_quantity
from pos_terminal.core.sale import Sale, SaleLine
from pos_terminal.core.words import Words, say
from pos_terminal.flows.common.amount_hint import amount_hint
from pos_terminal.flows.common.desk import Desk
from pos_terminal.flows.common.found_goods import SaidOf, name_of, proposed
from pos_terminal.flows.common.menu_key import menu_key
from pos_terminal.flows.common.steps import BackHere
from pos_terminal.policy_options import Condition, Reason
from pos_terminal.ports import Key
from pos_terminal.texts import render
from pos_terminal.ui.ask import choose, choose_or, decide, digits, heading, money_entry
from pos_terminal.ui.page import Line, Page

_TITLE: Final = say("goods.title")
_KINDS: Final = tuple(Deducted)


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

    @property
    def lines(self) -> Sequence[SaleLine]:
        return [line for line in self.sale.lines if line.line in self.quantities]

    def of(self, line: SaleLine) -> SaidOf:
        return self.said.get(line.line, SaidOf())

    def worth(self, line: SaleLine) -> int:
        one = {line.line: self.quantities[line.line]}
        return worths_of(self.sale, one)[line.line]

    def defective(self, line: SaleLine) -> bool:
        of_line = self.of(line).reason or self.reason
        return of_line is not None and of_line.defect

    def off(self) -> int:
        return sum(self.of(line).deduction for line in self.lines)


def inspected_of(sale: Sale, quantities: Quantities, before: Inspected | None = None) -> Inspected:
    """With what was said ``before`` of the very same goods."""
    numbers = {line.line for line in sale.goods}
    goods = {line: quantity for line, quantity in quantities.items() if line in numbers}
    same = before is not None and (before.sale.lines, before.quantities) == (sale.lines, goods)
    said = before.said if before is not None and same else {}
    gross = brings(sale, quantities) if quantities else 0
    return Inspected(sale, goods, gross, said)


async def look_at(desk: Desk, inspected: Inspected, quantities: Quantities) -> None:
    """At goods that are named only now; nothing of it stands before all was answered."""
    anew = inspected_of(inspected.sale, quantities)
    await ask_conditions(desk, anew)
    inspected.quantities, inspected.gross, inspected.said = anew.quantities, anew.gross, anew.said


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
    """Nothing is deducted from defective goods."""
    for line in inspected.lines:
        said = inspected.of(line)
        if said.deduction and (said.reason or reason).defect:
            return _no_deduction(line)
    return None


async def ask_conditions(desk: Desk, inspected: Inspected) -> None:
    """As the shop wants it: nothing, once for all, or for the goods of each line."""
    how, lines = desk.shop.inspection, inspected.lines
    if not lines or how is Inspection.OFF:
        return
    if how is Inspection.ONCE:
        await _ask_condition(desk, inspected, lines)
        return
    at = 0
    while at < len(lines):
        asked = _ask_condition(desk, inspected, lines[at : at + 1])
        if at == 0:
            await asked
            at = 1
            continue
        back = True
        with BackHere():
            await asked
            back = False
        at += -1 if back else 1


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
            Line(say("goods.of_reason"), "" if reason is None else name_of(desk, reason)),
            Line(say("goods.of_deduction"), f"-{off}" if said.deduction else ""),
        ]
        page = Page(
            "goods.line", _TITLE, (*against, *_of(inspected, line)), hint=say("goods.line_hint")
        )
        picked: int | Key = Key.MENU
        with BackHere():
            picked = await choose_or(desk.ui, page, options, menu_key, first=None)
        if isinstance(picked, Key):
            return
        against = ()
        with BackHere():
            if picked == 0:
                await _ask_condition(desk, inspected, [line])
            elif picked == 1:
                against = await _ask_reason(desk, inspected, line)
            elif inspected.defective(line):
                desk.ui.beep()
                against = (heading(_no_deduction(line)),)
            else:
                await _ask_deduction(desk, inspected, line, least=0)


def _no_deduction(line: SaleLine) -> Words:
    return say("rules.defect_for_less", goods=line.name)


def _option(desk: Desk, inspected: Inspected, line: SaleLine) -> Line:
    said = inspected.of(line)
    name = f"{line.name} ×{format_quantity(inspected.quantities[line.line])}"
    value = _condition(desk, inspected, line)
    if said.deduction:
        value = f"-{with_symbol(said.deduction, inspected.sale.currency)}"
    return Line(name, value)


def _of(inspected: Inspected, line: SaleLine) -> tuple[Line, ...]:
    quantity = format_quantity(inspected.quantities[line.line])
    worth = with_symbol(inspected.worth(line), inspected.sale.currency)
    return (heading(f"{line.name} ×{quantity}", worth),)


def _condition(desk: Desk, inspected: Inspected, line: SaleLine) -> str:
    """As it was said, or as the reason proposes it."""
    said = inspected.of(line)
    if said.condition is not None:
        return name_of(desk, said.condition)
    reason = said.reason or inspected.reason
    return "" if reason is None else proposal_of(desk, reason)


def proposal_of(desk: Desk, reason: Reason) -> str:
    condition = desk.shop.condition(proposed(desk, reason).condition)
    return name_of(desk, condition) if condition is not None else _text(desk, say("goods.unseen"))


def _text(desk: Desk, words: Words) -> str:
    return render(words, desk.ui.language)


async def _ask_condition(desk: Desk, inspected: Inspected, lines: Sequence[SaleLine]) -> None:
    """Of one line, or of all of them at once. One that refuses is asked about: refused, or taken
    for less."""
    conditions = desk.shop.conditions
    about = [row for line in lines for row in _of(inspected, line)]
    while True:
        page = Page("goods.condition", say("goods.which_condition"), tuple(about))
        options = [_listed(desk, one) for one in conditions]
        condition = conditions[await choose(desk.ui, page, options, first=None)]
        with BackHere():
            if condition.refuse:
                await _refused_or_less(desk, inspected, lines, condition)
            else:
                _keep(inspected, lines, condition=condition)
            return


def _keep(inspected: Inspected, lines: Sequence[SaleLine], **said: Any) -> None:
    for line in lines:
        inspected.said[line.line] = replace(inspected.of(line), **said)


def _listed(desk: Desk, one: Condition) -> Line:
    return Line(name_of(desk, one), _text(desk, say("goods.refuses")) if one.refuse else "")


async def _refused_or_less(
    desk: Desk, inspected: Inspected, lines: Sequence[SaleLine], condition: Condition
) -> None:
    """Refused with its reason, by the rule of such goods; or each line for less."""
    named = tuple(row for line in lines for row in _of(inspected, line))
    about = (heading(name_of(desk, condition)), *named)
    page = Page("goods.refuse", say("goods.which_condition"), about)
    options = [Line(say("goods.refuse")), Line(say("goods.for_less"))]
    against: tuple[Line, ...] = ()
    while True:
        picked = await decide(desk.ui, replace(page, lines=(*against, *about)), options)
        if picked == 0:
            _keep(inspected, lines, condition=condition, deduction=0, deducted_for=None)
            return
        defective = [line for line in lines if inspected.defective(line)]
        if defective:
            desk.ui.beep()
            against = (heading(_no_deduction(defective[0])),)
            continue
        with BackHere():
            for line in lines:
                await _ask_deduction(desk, inspected, line, least=1)
            _keep(inspected, lines, condition=condition)
            return


async def _ask_reason(desk: Desk, inspected: Inspected, line: SaleLine) -> tuple[Line, ...]:
    """Its own; what is against it, where something was deducted and it is a defect."""
    reasons = desk.shop.reasons
    page = Page("goods.reason", say("flows.reason"), _of(inspected, line))
    options = [Line(name_of(desk, one)) for one in reasons]
    said = inspected.of(line)
    now = said.reason or inspected.reason
    first = None if now is None else reasons.index(now)
    reason = reasons[await choose(desk.ui, page, options, first=first)]
    if said.deduction and reason.defect:
        desk.ui.beep()
        return (heading(_no_deduction(line)),)
    _keep(inspected, [line], reason=reason)
    return ()


async def _ask_deduction(desk: Desk, inspected: Inspected, line: SaleLine, *, least: int) -> None:
    """Why, and how much: at most what the goods of the line are worth, and never all that would go
    back. Nothing takes it out again, but where they are taken for less only."""
    about = _of(inspected, line)
    page = Page("goods.deduct", say("goods.deduct"), about)
    options = [Line(say(f"goods.for_{one.value}")) for one in _KINDS]
    kind = _KINDS[await choose(desk.ui, page, options, first=None)]
    currency, most = inspected.sale.currency, inspected.worth(line)
    others = inspected.off() - inspected.of(line).deduction
    wrong: tuple[Line, ...] = ()
    while True:
        page = Page(
            "goods.deduct_amount",
            say("goods.deduct"),
            (*wrong, *about, Line(say(f"goods.for_{kind.value}"))),
            hint=amount_hint(currency),
        )
        typed = int(await digits(desk.ui, page, money_entry(1, currency)))
        if least <= typed <= most and others + typed < inspected.gross:
            _keep(inspected, [line], deduction=typed, deducted_for=kind if typed else None)
            return
        desk.ui.beep()
        shown = min(most, inspected.gross - others - 1)
        wrong = (heading(say("goods.deduct_most", most=with_symbol(shown, currency))),)
