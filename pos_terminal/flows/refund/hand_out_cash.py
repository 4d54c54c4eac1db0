"""A cash leg: committed first, the drawer once, then the clerk's word on the hand-over (R36)."""

from __future__ import annotations

from pos_terminal.core.money import with_symbol
from pos_terminal.core.refund import Refund
from pos_terminal.core.words import say
from pos_terminal.flows.common.ask_supervisor import ask_one
from pos_terminal.flows.common.desk import Desk, LogOut
from pos_terminal.flows.refund.show_result import show_result
from pos_terminal.ports import Application, PrinterLost, Result
from pos_terminal.ui.ask import choose, confirm, heading, large, tell_empty
from pos_terminal.ui.page import Line, Page
from pos_terminal.ui.prompt import Cancelled


async def hand_out_cash(desk: Desk, application: Application) -> None:
    """After the commit the money is owed: cancel leaves it “to hand over”, never undone."""
    refund = await desk.ledger.commit_cash(application.number, desk.papers().cash(application))
    desk.printing.wake()
    opened = await _open_drawer(desk, refund)
    await _confirm_handed_over(desk, refund, opened)


async def hand_over_later(desk: Desk) -> None:
    """From the menu: what was left “to hand over”; only a supervisor opens the drawer again."""
    refunds = desk.ledger.refunds.to_hand_over()
    if not refunds:
        nothing = say("flows.nothing_to_hand_over")
        await tell_empty(desk.ui, "cash.none", say("flows.hand_over"), nothing)
        return
    options = [_left(desk, refund) for refund in refunds]
    page = Page("cash.choose", say("flows.hand_over"), hint=say("ui.by_digit"))
    refund = refunds[await choose(desk.ui, page, options, first=None)]
    what = (
        Line(say("flows.hand_over"), f"#{refund.application}"),
        large(say("flows.amount"), with_symbol(refund.amount, refund.currency)),
    )
    supervisor = await ask_one(desk, what, {desk.clerk.number})
    what_for = "drawer_again" if desk.shop.drawer else "hand_over_again"
    await desk.ledger.journal.note(
        what_for, {"refund": refund.refund_id, "supervisor": supervisor.number}
    )
    opened = await _open_drawer(desk, refund)
    await _confirm_handed_over(desk, refund, opened)


async def _open_drawer(desk: Desk, refund: Refund) -> bool:
    """False where the drawer is stuck. Written down first: a crash in between never repeats it."""
    if not desk.shop.drawer:
        return True
    await desk.ledger.refunds.drawer_opened(refund.refund_id, desk.clerk.number)
    try:
        await desk.printing.kick_drawer()
    except PrinterLost:
        await desk.ledger.journal.note("drawer_failed", {"refund": refund.refund_id})
        return False
    return True


async def _confirm_handed_over(desk: Desk, refund: Refund, opened: bool) -> None:
    stuck = () if opened else (heading(say("flows.drawer_stuck")),)
    page = Page(
        "cash.hand_over",
        say("flows.hand_over"),
        (*stuck, large(say("flows.amount"), with_symbol(refund.amount, refund.currency))),
        hint=say("flows.hand_over_hint"),
    )
    try:
        await confirm(desk.ui, page)
    except LogOut:
        raise
    except Cancelled:
        return
    done = await desk.ledger.refunds.handed_over(refund.refund_id, desk.clerk.number)
    await show_result(desk, Result(done, say("flows.cash_done"), None))


def _left(desk: Desk, refund: Refund) -> Line:
    """With the number on the customer's slip: of two equal amounts the right one is struck off."""
    sealed_at = desk.shop.local(refund.sealed_at)
    return Line(
        f"{sealed_at:%m-%d %H:%M} #{refund.application}",
        with_symbol(refund.amount, refund.currency),
    )
