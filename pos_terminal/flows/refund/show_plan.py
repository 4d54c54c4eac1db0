"""The plan on the screen before anybody approves it: each leg, how much, and why (R35)."""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct

from pos_terminal.core.money import format_amount, with_symbol
from pos_terminal.core.ticket import moved
from pos_terminal.core.words import say
from pos_terminal.flows.common.desk import Desk
from pos_terminal.flows.common.name_leg import leg_name
from pos_terminal.flows.common.steps import BackHere
from pos_terminal.flows.refund.plan import Plan, PlanLeg, make_plan
from pos_terminal.ports import InputEvent, Key, KeyPressed, Scanned
from pos_terminal.texts import render
from pos_terminal.texts.domain import of_choice
from pos_terminal.ui.ask import digits, heading, large, money_entry
from pos_terminal.ui.page import Line, Page

_MOST = 9
"""Legs that have a digit."""


class Add(Struct, frozen=True):
    """Another sale is wanted: the code that was scanned, or nothing yet."""

    text: str = ""


async def show_plan(desk: Desk, plan: Plan, *, several: bool = False) -> Plan | Add:
    """Until enter; a leg's digit moves an amount to it or from it, which a supervisor must approve
    (``Plan.moved``). ``several``: a scan or the menu key adds a sale."""
    while True:
        page, accept = _page(desk, plan, several), _accept(plan, several)
        picked: int | Add = await desk.ui.prompt(page, accept, fresh=True)
        if isinstance(picked, Add):
            return picked
        if picked < 0:
            return plan
        with BackHere():
            plan = await _move(desk, plan, plan.legs[picked])


def _accept(plan: Plan, several: bool) -> Callable[[InputEvent], int | Add | None]:
    """The place of a leg; below zero for enter."""

    def accept(event: InputEvent) -> int | Add | None:
        match event:
            case Scanned(text) if several:
                return Add(text)
            case KeyPressed(Key.MENU) if several:
                return Add()
            case KeyPressed(Key.ENTER) if plan.amount:
                return -1
            case KeyPressed(key) if key.value.isdigit() and 0 < int(key.value) <= len(plan.legs):
                index = int(key.value) - 1
                return index if plan.legs[index].ground is None else None
            case _:
                return None

    return accept


def _page(desk: Desk, plan: Plan, several: bool) -> Page:
    lines = [large(say("flows.amount"), with_symbol(plan.amount, _currency(plan)))]
    for number, leg in enumerate(plan.legs, 1):
        lines += _leg(desk, plan, leg, number)
    if plan.moved:
        lines.append(heading(say("rules.moved")))
    hint = "flows.plan_more_hint" if several else "flows.plan_hint"
    return Page("ticket.plan", say("flows.plan"), tuple(lines), hint=say(hint))


def _leg(desk: Desk, plan: Plan, leg: PlanLeg, number: int) -> list[Line]:
    """Which sale it is of where there are several, the tender with its amount, and why."""
    sale = leg.sale
    name = leg_name(sale, leg.tender)
    text = name if isinstance(name, str) else render(name, desk.ui.language)
    digit = str(number) if leg.ground is None and number <= _MOST else "-"
    lines = [Line(f"{digit} {text}", format_amount(leg.amount, sale.currency))]
    if len(plan.requests) > 1:
        lines.insert(0, Line(f"{sale.sold_at:%m-%d %H:%M}", sale.number))
    if leg.ground is not None:
        lines.append(heading(leg.ground))
    elif leg.wanted is not None:
        lines.append(Line(of_choice(leg.wanted.choice)))
    return lines


def _currency(plan: Plan) -> str:
    return plan.requests[0].sale.currency


async def _move(desk: Desk, plan: Plan, leg: PlanLeg) -> Plan:
    """So much to this leg; the rest of its sale's amount fills the others in their order."""
    key, sale = leg.key, leg.sale
    own = {one.key: one.amount for one in plan.legs if one.key[0] == key[0]}
    room = {one: most for one, most in plan.room.items() if one[0] == key[0]}
    page = Page(
        "ticket.amount",
        say("flows.plan"),
        (
            heading(leg_name(sale, leg.tender)),
            Line(say("flows.remaining"), with_symbol(room[key], sale.currency)),
            Line(say("flows.plan_most")),
        ),
        hint=say("flows.plan_amount_hint"),
    )
    typed = await digits(desk.ui, page, money_entry(0, sale.currency))
    wanted = int(typed) if typed else room[key]
    parts = {one.key: one.amount for one in plan.legs} | moved(own, room, key, wanted)
    if parts == {one.key: one.amount for one in plan.legs}:
        return plan
    return make_plan(desk, plan.requests, parts)
