"""How goods are that come back: asked of the clerk (验收, R16), and what they bring less (R74)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final

from msgspec.structs import replace

from pos_terminal.core.looked import Deducted, Inspection
from pos_terminal.core.money import with_symbol
from pos_terminal.core.sale import SaleLine
from pos_terminal.core.scan_goods import Chosen
from pos_terminal.core.words import say
from pos_terminal.flows.common.amount_hint import amount_hint
from pos_terminal.flows.common.desk import Desk
from pos_terminal.flows.common.steps import BackHere
from pos_terminal.flows.refund.inspected import Inspected, inspected_of, no_deduction, say_read
from pos_terminal.policy_options import Condition, named
from pos_terminal.texts import render
from pos_terminal.ui.ask import choose, decide, digits, heading, money_entry
from pos_terminal.ui.page import Line, Page

_KINDS: Final = tuple(Deducted)


async def look_at(desk: Desk, inspected: Inspected, chosen: Chosen) -> None:
    """At goods that are named only now; nothing of it stands before all was answered."""
    anew = inspected_of(inspected.sale, chosen.quantities)
    say_defective(desk, anew, chosen.defective)
    say_read(anew, chosen.serials)
    await ask_conditions(desk, anew)
    inspected.quantities, inspected.gross, inspected.said = anew.quantities, anew.gross, anew.said


def say_defective(desk: Desk, inspected: Inspected, lines: Collection[int]) -> None:
    """Of ``lines`` that come back for that alone: a reason of their own, until somebody gives them
    another one."""
    of_these = [line for line in inspected.lines if line.line in lines]
    unsaid = [line for line in of_these if inspected.of(line).reason is None]
    inspected.keep(unsaid, reason=desk.shop.defect)


async def ask_conditions(desk: Desk, inspected: Inspected) -> None:
    """As the shop wants it: nothing, once for all, or for the goods of each line."""
    how, lines = desk.shop.inspection, inspected.lines
    if not lines or how is Inspection.OFF:
        return
    if how is Inspection.ONCE:
        await ask_condition(desk, inspected, lines)
        return
    at = 0
    while at < len(lines):
        asked = ask_condition(desk, inspected, lines[at : at + 1])
        if at == 0:
            await asked
            at = 1
            continue
        back = True
        with BackHere():
            await asked
            back = False
        at += -1 if back else 1


async def ask_condition(desk: Desk, inspected: Inspected, lines: Sequence[SaleLine]) -> None:
    """Of one line, or of all of them at once; or, as the last, that they did not come back. One
    that refuses is asked about: refused, or taken for less. Defective ones among several stay as
    they are where the others go back to stock."""
    conditions = desk.shop.conditions
    absent = () if inspected.in_hand else (Line(say("goods.back_none")),)
    about = tuple(map(inspected.heading_of, lines))
    hint = say("ui.by_digit")
    against: tuple[Line, ...] = ()
    while True:
        shown = (*against, *about)
        page = Page("goods.condition", say("goods.which_condition"), shown, hint=hint)
        options = [*(_listed(desk, one) for one in conditions), *absent]
        picked = await choose(desk.ui, page, options, first=None)
        if picked == len(conditions):
            less = [line for line in lines if not inspected.for_less(line)]
            if any(inspected.of(line).deduction for line in less):
                desk.ui.beep()
                against = (heading(say("goods.absent")),)
                continue
            inspected.as_whole(lines)
            inspected.keep(lines, back=False, condition=None)
            return
        condition = conditions[picked]
        fit = [line for line in lines if not (condition.restocks and inspected.defective(line))]
        if not fit:
            desk.ui.beep()
            against = (heading(say("goods.not_restocked")),)
            continue
        with BackHere():
            if condition.refuse:
                await _refused_or_less(desk, inspected, lines, condition)
            else:
                inspected.as_whole(fit)
                inspected.keep(fit, condition=condition)
            return


def _listed(desk: Desk, one: Condition) -> Line:
    language = desk.ui.language
    return Line(named(one, language), render(say("goods.refuses"), language) if one.refuse else "")


async def _refused_or_less(
    desk: Desk, inspected: Inspected, lines: Sequence[SaleLine], condition: Condition
) -> None:
    """Refused with its reason, by the rule of such goods; or each line for less."""
    goods = map(inspected.heading_of, lines)
    about = (heading(named(condition, desk.ui.language)), *goods)
    page = Page("goods.refuse", say("goods.which_condition"), about, hint=say("ui.by_digit"))
    options = [Line(say("goods.refuse")), Line(say("goods.for_less"))]
    against: tuple[Line, ...] = ()
    while True:
        picked = await decide(desk.ui, replace(page, lines=(*against, *about)), options)
        if picked == 0:
            inspected.keep(lines, condition=condition, deduction=0, deducted_for=None)
            return
        defective = [line for line in lines if inspected.defective(line)]
        if defective:
            desk.ui.beep()
            against = (heading(no_deduction(defective[0])),)
            continue
        with BackHere():
            for line in lines:
                await ask_deduction(desk, inspected, line, least=1)
            inspected.keep(lines, condition=condition)
            return


async def ask_deduction(desk: Desk, inspected: Inspected, line: SaleLine, *, least: int) -> None:
    """Why, and how much: at most what the goods of the line are worth, and never all that would go
    back. Nothing takes it out again, but where they are taken for less only."""
    about = (inspected.heading_of(line),)
    kind = await ask_kind(desk, about)
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
            inspected.keep([line], deduction=typed, deducted_for=kind if typed else None)
            return
        desk.ui.beep()
        shown = min(most, inspected.gross - others - 1)
        wrong = (heading(say("goods.deduct_most", most=with_symbol(shown, currency))),)


async def ask_kind(desk: Desk, about: tuple[Line, ...]) -> Deducted:
    """Why goods bring less."""
    page = Page("goods.deduct", say("goods.deduct"), about, hint=say("ui.by_digit"))
    options = [Line(say(f"goods.for_{one.value}")) for one in _KINDS]
    return _KINDS[await choose(desk.ui, page, options, first=None)]
