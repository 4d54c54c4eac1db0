"""A cash leg: committed first, the drawer once, then the clerk's word on the hand-over (R36)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Final

from msgspec.structs import replace

from pos_terminal.core.money import with_symbol
from pos_terminal.core.people import Person
from pos_terminal.core.refund import Refund
from pos_terminal.core.words import say
from pos_terminal.flows.common.ask_supervisor import ask_one
from pos_terminal.flows.common.desk import Desk, LogOut
from pos_terminal.flows.common.lying import Lying
from pos_terminal.flows.common.not_theirs import not_theirs
from pos_terminal.flows.refund.show_result import show_result
from pos_terminal.ports import Application, Approval, PrinterLost, Result
from pos_terminal.ui.ask import confirm, heading, large
from pos_terminal.ui.page import Line, Page
from pos_terminal.ui.prompt import Cancelled

DRAWER_AGAIN: Final = "drawer_again"
"""What a supervisor is asked by: the drawer opens once for a ticket (R36)."""


async def hand_out_cash(desk: Desk, applications: Sequence[Application]) -> None:
    """The cash legs of a ticket in one sum. After the commit the money is owed: cancel leaves it
    “to hand over”, never undone."""
    again = await _opened_again(desk, applications)
    papers = desk.papers()
    legs = [(one.number, papers.cash(one)) for one in applications]
    refunds = await desk.ledger.commit_cash_legs(legs)
    desk.printing.wake()
    if again is not None:
        await _note_again(desk, DRAWER_AGAIN, refunds[0], again)
    opened = await _open_drawer(desk, refunds)
    await _confirm_handed_over(desk, refunds, opened)


async def _opened_again(desk: Desk, applications: Sequence[Application]) -> Person | None:
    """Who agrees that the drawer opens once more for this ticket, where other cash of it went out
    before; kept with each of these legs. Cancel leaves them to do."""
    ticket = applications[0].ticket
    if not (desk.shop.drawer and desk.ledger.refunds.was_drawer_opened(ticket)):
        return None
    total = sum(one.amount for one in applications)
    what = (
        heading(say("flows.drawer_again")),
        Line(say("flows.hand_over"), f"#{ticket}"),
        large(say("flows.amount"), with_symbol(total, desk.shop.currency)),
    )
    operators = {one.operator for one in applications}
    person = await ask_one(desk, what, not_theirs(desk, {ticket}, operators))
    now = desk.clock.now()
    for one in applications:
        yes = Approval(person.number, person.name, now, one.amount, DRAWER_AGAIN)
        await desk.ledger.applications.approve(one.number, [yes])
    return person


async def _note_again(desk: Desk, what_for: str, refund: Refund, by: Person) -> None:
    await desk.ledger.journal.note(what_for, {"refund": refund.refund_id, "supervisor": by.number})


def lying_refunds(desk: Desk) -> list[Lying]:
    """What was left “to hand over”, of each ticket together."""
    return [
        Lying(_left(desk, refunds), partial(_hand_over_later, desk, refunds))
        for refunds in _by_ticket(desk)
    ]


async def _hand_over_later(desk: Desk, refunds: Sequence[Refund]) -> None:
    """Only a supervisor opens the drawer again."""
    what = (
        Line(say("flows.hand_over"), f"#{refunds[0].application}"),
        large(say("flows.amount"), _sum(refunds)),
    )
    operators = {one.operator for one in refunds}
    not_these = not_theirs(desk, {_ticket(desk, refunds[0])}, operators)
    supervisor = await ask_one(desk, what, not_these)
    what_for = DRAWER_AGAIN if desk.shop.drawer else "hand_over_again"
    await _note_again(desk, what_for, refunds[0], supervisor)
    opened = await _open_drawer(desk, refunds)
    await _confirm_handed_over(desk, refunds, opened)


def _by_ticket(desk: Desk) -> list[list[Refund]]:
    """What lies in the drawer, of each ticket together: it is handed over in one sum."""
    found: dict[int, list[Refund]] = {}
    for refund in desk.ledger.refunds.to_hand_over():
        found.setdefault(_ticket(desk, refund), []).append(refund)
    return list(found.values())


def _ticket(desk: Desk, refund: Refund) -> int:
    application = desk.ledger.applications.by_number(refund.application)
    return refund.application if application is None else application.ticket


async def _open_drawer(desk: Desk, refunds: Sequence[Refund]) -> bool:
    """Once for all of them, under the first one's number. False where the drawer is stuck. Written
    down first: a crash in between never repeats it."""
    if not desk.shop.drawer:
        return True
    refund = refunds[0]
    await desk.ledger.refunds.drawer_opened(refund.refund_id, desk.clerk.number)
    try:
        await desk.printing.kick_drawer()
    except PrinterLost:
        await desk.ledger.journal.note("drawer_failed", {"refund": refund.refund_id})
        return False
    return True


async def _confirm_handed_over(desk: Desk, refunds: Sequence[Refund], opened: bool) -> None:
    stuck = () if opened else (heading(say("flows.drawer_stuck")),)
    page = Page(
        "cash.hand_over",
        say("flows.hand_over"),
        (*stuck, large(say("flows.amount"), _sum(refunds))),
        hint=say("flows.hand_over_hint"),
    )
    try:
        await confirm(desk.ui, page)
    except LogOut:
        raise
    except Cancelled:
        return
    numbers = [refund.refund_id for refund in refunds]
    done = await desk.ledger.refunds.all_handed_over(numbers, desk.clerk.number)
    total = sum(refund.amount for refund in done)
    # the slips of the last one come out last
    shown = replace(done[-1], amount=total, done=total)
    await show_result(desk, Result(shown, say("flows.cash_done"), None))


def _sum(refunds: Sequence[Refund]) -> str:
    return with_symbol(sum(refund.amount for refund in refunds), refunds[0].currency)


def _left(desk: Desk, refunds: Sequence[Refund]) -> Line:
    """With the number on the customer's slip: of two equal amounts the right one is struck off."""
    first = refunds[0]
    sealed_at = desk.shop.local(first.sealed_at)
    return Line(f"{sealed_at:%m-%d %H:%M} #{first.application}", _sum(refunds))
