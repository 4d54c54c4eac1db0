"""Several receipts in one visit: one plan for all of them (R35)."""

from __future__ import annotations

from collections.abc import Sequence

from pos_terminal.core.sale import Sale
from pos_terminal.core.unfit import Unfit
from pos_terminal.core.words import Failure, Words, say
from pos_terminal.flows.common.another_way import FormOfSale, read_or_form
from pos_terminal.flows.common.desk import Desk, LogOut
from pos_terminal.flows.common.found import Found, MoreOfSale
from pos_terminal.flows.common.keep_doubt import keep_doubt
from pos_terminal.flows.common.next_search import NextSearch
from pos_terminal.flows.common.of_gift import told
from pos_terminal.flows.common.steps import BackHere
from pos_terminal.flows.common.turned_away import TurnedAway, at_home_here, no_sale
from pos_terminal.flows.find.find_by_scan import find_by_scan
from pos_terminal.flows.find.find_by_trace import find_by_trace
from pos_terminal.flows.refund.ask_wanted import ask_wanted
from pos_terminal.flows.refund.give_back import give_back
from pos_terminal.flows.refund.plan import Plan, make_plan
from pos_terminal.flows.refund.show_plan import Add, show_plan
from pos_terminal.flows.refund.turn_away import turn_away
from pos_terminal.ports import InputEvent, Key, KeyPressed, Scanned
from pos_terminal.texts import next_step
from pos_terminal.texts.domain import of_verdict
from pos_terminal.ui.ask import tell
from pos_terminal.ui.page import Line, Page
from pos_terminal.ui.prompt import Cancelled


async def give_back_several(desk: Desk, found: Found) -> None:
    """In one ticket, of which this is the first sale."""
    await give_back(desk, found, _ask_several)


async def _ask_several(desk: Desk, found: Found, sale: Sale | None) -> Plan:
    """The first sale as ever; then its plan, at which a scan or the menu key brings the next one.

    Cancel at the plan takes the newest sale out again, and from the first one leads back; from a
    further sale it leads back to the plan as it was.
    """
    plans = [await _ask_one(desk, found, sale)]
    while plans[-1].refused is None:
        try:
            picked = await show_plan(desk, plans[-1], several=True)
        except LogOut:
            raise
        except Cancelled:
            plans.pop()
            if not plans:
                raise
            continue
        if isinstance(picked, Plan):
            return picked
        plans[-1] = picked.plan
        with BackHere():
            more = await _with_next(desk, picked)
            if more is not picked.plan:
                plans.append(more)
    return plans[-1]


async def _ask_one(desk: Desk, found: Found, sale: Sale | None) -> Plan:
    """Of one sale. Where what stands against it leads to the form, it is in the ticket by that."""
    try:
        return await ask_wanted(desk, found, sale, several=True)
    except FormOfSale:
        return await ask_wanted(desk, found, sale, several=True, by_form=True)


async def _with_next(desk: Desk, add: Add) -> Plan:
    """With another sale, or as it was where that can't be, and why is said."""
    plan = add.plan
    try:
        found = await _find(desk, add)
        sale = desk.ledger.sales.by_key(found.sale_key)
        if sale is not None and desk.shop.home is not None:
            at_home_here(sale, desk.shop.home)
        if found.sale_key in {one.sale.key for one in plan.requests}:
            raise Failure("flows.in_ticket")
        own = await _or_its_form(desk, found, sale)
    except NextSearch as another:  # a scan where a number was typed
        scanned = another.event
        return (
            await _with_next(desk, Add(plan, scanned.text))
            if isinstance(scanned, Scanned)
            else plan
        )
    except MoreOfSale:  # one thing at a time
        return plan
    except Failure as failure:
        more: Sequence[Words] = ()
        if isinstance(failure, TurnedAway):
            await turn_away(desk, failure)
            more = failure.more
        elif (following := next_step(failure.words)) is not None:
            more = (following,)
        await tell(desk.ui, "ticket.failed", say("flows.not_possible"), failure.words, *more)
        return plan
    if own is None:
        return plan
    parts = {one.key: one.amount for one in (*plan.legs, *own.legs)}
    moved, ways = plan.moved or own.moved, {**plan.another, **own.another}
    together = make_plan(
        desk,
        (*plan.requests, *own.requests),
        parts if moved or ways else None,
        moved=moved,
        another=ways,
    )
    refused = own.refused or together.refused
    if refused is None:
        return together
    wanted, decision = refused
    verdict = decision.strictest
    words = say("flows.not_possible")
    if verdict is not None:
        against = of_verdict(verdict)
        await keep_doubt(desk, wanted.sale.key, against)
        words = told(against, holder=wanted.to_holder)
    await tell(desk.ui, "ticket.failed", say("flows.not_possible"), words)
    return plan


async def _or_its_form(desk: Desk, found: Found, sale: Sale | None) -> Plan | None:
    """None where it can't be, and why was said."""
    try:
        return await _ask_one(desk, found, sale)
    except TurnedAway as away:
        await turn_away(desk, away)
        said = (away.words, *away.more)
        if not await read_or_form(desk, "ticket.failed", say("flows.not_possible"), said):
            return None
    return await ask_wanted(desk, found, sale, several=True, by_form=True)


async def _find(desk: Desk, add: Add) -> Found:
    """By a scan, or by the trace number of a receipt that no scanner reads."""
    begun = add.text or await _ask(desk)
    if isinstance(begun, Key):
        return await find_by_trace(desk, begun.value)
    found = await find_by_scan(desk, begun)
    if isinstance(found, Found):
        return found
    raise no_sale(Unfit.UNKNOWN_RECEIPT, "")  # a voucher, or a form: no receipt


async def _ask(desk: Desk) -> str | Key:
    lines = (Line(say("flows.add_scan")), Line(say("flows.home_trace")))
    page = Page("ticket.add", say("flows.add"), lines, hint=say("flows.add_hint"))

    def accept(event: InputEvent) -> str | Key | None:
        match event:
            case Scanned(text):
                return text
            case KeyPressed(key) if key.value.isdigit():
                return key
            case _:
                return None

    return await desk.ui.prompt(page, accept)
