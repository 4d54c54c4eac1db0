"""The plan on the screen before anybody approves it: each leg, how much, and why (R35)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from msgspec import Struct

from pos_terminal.core.money import format_amount, with_symbol
from pos_terminal.core.tenders import Another
from pos_terminal.core.ticket import moved
from pos_terminal.core.words import Words, say
from pos_terminal.flows.common.another_way import past_here, ways_of
from pos_terminal.flows.common.desk import Desk
from pos_terminal.flows.common.menu_key import menu_key
from pos_terminal.flows.common.of_gift import known_as, told
from pos_terminal.flows.common.steps import BackHere
from pos_terminal.flows.refund.choose_way import choose_way, collect_evidence, shown, way_line
from pos_terminal.flows.refund.plan import Leg, Plan, PlanLeg, make_plan
from pos_terminal.ports import InputEvent, Key, KeyPressed, Scanned
from pos_terminal.texts import render
from pos_terminal.texts.domain import of_choice
from pos_terminal.ui.ask import digits_or, heading, large, money_entry
from pos_terminal.ui.page import Line, Page

_MOST = 9
"""Legs that have a digit."""


class Add(Struct, frozen=True):
    """Another sale is wanted beside the plan as it is now: the code that was scanned, or nothing
    yet."""

    plan: Plan
    text: str = ""


async def show_fixed_plan(desk: Desk, plan: Plan) -> None:
    """Until enter: nothing of it is moved."""
    page = _page(desk, plan, (), several=False)
    await desk.ui.prompt(page, _accept(plan, (), several=False), fresh=True)


async def show_plan(desk: Desk, plan: Plan, *, several: bool = False) -> Plan | Add:
    """Until enter; a leg's digit moves an amount to it or from it, or the leg to another way (R34),
    which supervisors must approve. ``several``: a scan or the menu key adds a sale."""
    while True:
        digits = [
            index
            for index, one in enumerate(plan.legs[:_MOST])
            if not one.to_holder
            and not (one.hidden and (not one.amount or len(_of_buyer(plan, one)) > 1))
            and (one.ground is None or _leads(desk, plan, one))
        ]
        page, accept = _page(desk, plan, digits, several), _accept(plan, digits, several)
        picked: int | Add = await desk.ui.prompt(page, accept, fresh=True)
        if isinstance(picked, Add):
            return picked
        if picked < 0:
            return plan
        with BackHere():
            plan = await _change(desk, plan, plan.legs[picked])


def _accept(
    plan: Plan, digits: Sequence[int], several: bool
) -> Callable[[InputEvent], int | Add | None]:
    """The place of a leg; below zero for enter."""

    def accept(event: InputEvent) -> int | Add | None:
        match event:
            case Scanned(text) if several:
                return Add(plan, text)
            case KeyPressed(Key.MENU) if several:
                return Add(plan)
            case KeyPressed(Key.ENTER) if plan.amount:
                return -1
            case KeyPressed(key) if key.value.isdigit() and int(key.value) - 1 in digits:
                return int(key.value) - 1
            case _:
                return None

    return accept


def _page(desk: Desk, plan: Plan, digits: Sequence[int], several: bool) -> Page:
    lines = [large(say("flows.amount"), with_symbol(plan.amount, _currency(plan)))]
    if plan.short > 0:
        lines.append(heading(say("flows.not_this_way"), with_symbol(plan.short, _currency(plan))))
    for index, leg in enumerate(plan.legs):
        lines += _leg(desk, plan, leg, str(index + 1) if index in digits else "-")
    if plan.moved:
        lines.append(heading(say("rules.moved")))
    hint = "flows.plan_hint" if digits else "flows.plan_fixed_hint"
    hint = "flows.plan_more_hint" if several else hint
    return Page("ticket.plan", say("flows.plan"), tuple(lines), hint=say(hint))


def _leg(desk: Desk, plan: Plan, leg: PlanLeg, digit: str) -> list[Line]:
    """Which sale it is of where there are several, the tender with its amount, and why."""
    sale = leg.sale
    if leg.for_holder and not leg.amount and leg.ground is None:
        return []
    amount = leg.amount
    if leg.hidden:
        of_buyer = _of_buyer(plan, leg)
        if leg not in of_buyer[:1]:
            return []
        amount = sum(one.amount for one in of_buyer)
    text = leg.name if isinstance(leg.name, str) else render(leg.name, desk.ui.language)
    lines = [Line(f"{digit} {text}", format_amount(amount, sale.currency))]
    if len(plan.requests) > 1:
        number_of = known_as(sale, gift=leg.by_gift)
        lines.insert(0, Line(sale.when_short, number_of))
    if leg.ground is not None:
        lines.append(heading(told(leg.ground, holder=leg.for_holder)))
    elif leg.another is not None:
        lines += [way_line(desk, leg.another.way), *shown(leg.another.basis)[1:]]
    elif leg.wanted is not None and not leg.hidden:
        lines.append(Line(of_choice(leg.wanted.choice)))
    return lines


def _of_buyer(plan: Plan, leg: PlanLeg) -> list[PlanLeg]:
    """What of its sale goes back to who paid for a gift: one row, whatever paid."""
    return [one for one in plan.legs if one.hidden and one.amount and one.key[0] == leg.key[0]]


def _currency(plan: Plan) -> str:
    return plan.requests[0].sale.currency


async def _change(desk: Desk, plan: Plan, leg: PlanLeg) -> Plan:
    """Another way for what nothing can go to; else its amount, or by the menu key its way."""
    if leg.ground is not None:
        return await _another_way(desk, plan, leg)
    changed = await _move(desk, plan, leg)
    if changed is not None:
        return changed
    if leg.another is None:
        return await _another_way(desk, plan, leg)
    return _with(desk, plan, {key: one for key, one in plan.another.items() if key != leg.key})


async def _another_way(desk: Desk, plan: Plan, leg: PlanLeg) -> Plan:
    """Why, where to, and what shows it; its amount stays its own."""
    way = await choose_way(desk, leg.sale, leg.tender, by_gift=_by_gift(plan, leg))
    basis = await collect_evidence(desk, leg.sale, way)
    return _with(desk, plan, {**plan.another, leg.key: Another(way, basis)}, opened=leg)


def _with(
    desk: Desk, plan: Plan, another: Mapping[Leg, Another], opened: PlanLeg | None = None
) -> Plan:
    """The same amounts with these ways; filled anew where a leg can have something now that could
    not, or can't any more."""
    parts: Mapping[Leg, int] | None = {one.key: one.amount for one in plan.legs}
    if opened is None or opened.ground is not None:
        parts = None
    moved = plan.moved and parts is not None
    return make_plan(desk, plan.requests, parts, moved=moved, another=another)


def _by_gift(plan: Plan, leg: PlanLeg) -> bool:
    return any(one.by_gift for one in plan.requests if one.sale.key == leg.sale.key)


def _leads(desk: Desk, plan: Plan, leg: PlanLeg) -> bool:
    """Whether another way is open for it."""
    return bool(ways_of(desk, leg.sale, leg.tender, by_gift=_by_gift(plan, leg)))


async def _move(desk: Desk, plan: Plan, leg: PlanLeg) -> Plan | None:
    """So much to this leg; the rest of its sale's amount fills the others in their order. None by
    the menu key: its way is to be changed."""
    key, sale = leg.key, leg.sale
    of_sale = [one for one in plan.legs if one.key[0] == key[0]]
    stay = {one.key for one in of_sale if one.hidden or _stays(desk, one)}
    movable = {one.key for one in of_sale} - stay if key not in stay else {key}
    own = {one.key: one.amount for one in of_sale if one.key in movable}
    room = {one: most for one, most in plan.room.items() if one in movable}
    leads = leg.another is not None or _leads(desk, plan, leg)
    hint = "flows.plan_amount_hint"
    if leads:
        hint = "tenders.plan_hint" if leg.another is None else "tenders.plan_back_hint"
    left = Line(say("flows.remaining"), with_symbol(room[key], sale.currency))
    about = (
        heading(leg.name),
        *(() if leg.by_gift else (left,)),
        Line(say("flows.plan_most")),
    )
    other = menu_key if leads else _none
    least, most = (moved(own, room, key, one)[key] for one in (0, room[key]))
    wrong: Words | None = None
    while True:
        said = () if wrong is None else (heading(wrong),)
        page = Page("ticket.amount", say("flows.plan"), (*said, *about), hint=say(hint))
        typed = await digits_or(desk.ui, page, money_entry(0, sale.currency), other)
        if isinstance(typed, Key):
            return None
        wanted = int(typed) if typed else most
        if least <= wanted <= most:
            break
        desk.ui.beep()
        wrong = _bounds(least, most, sale.currency)
    parts = {one.key: one.amount for one in plan.legs} | moved(own, room, key, wanted)
    if parts == {one.key: one.amount for one in plan.legs}:
        return plan
    return make_plan(desk, plan.requests, parts, moved=True, another=plan.another)


def _stays(desk: Desk, leg: PlanLeg) -> bool:
    """Whether its card was called stolen, lost or fraud: its amount goes to no other payment."""
    return leg.another is not None and past_here(desk, leg.sale, leg.tender).refused


def _bounds(least: int, most: int, currency: str) -> Words:
    """Between which amounts it can have what: the others of its sale have the rest."""
    if least == most:
        return say("flows.plan_full")
    of = {"least": format_amount(least, currency), "most": format_amount(most, currency)}
    return say("flows.plan_range", **of)


def _none(_: InputEvent) -> Key | None:
    return None
