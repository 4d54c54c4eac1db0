"""From the menu: all cash that was left “to hand over”, of refunds and payouts (R36, R47a)."""

from __future__ import annotations

from pos_terminal.core.words import say
from pos_terminal.flows.common.desk import Desk
from pos_terminal.flows.common.lying import Lying
from pos_terminal.flows.refund.hand_out_cash import lying_refunds
from pos_terminal.ui.ask import choose, tell_empty
from pos_terminal.ui.page import Page


async def hand_over_later(desk: Desk) -> None:
    """Only a supervisor opens the drawer again."""
    lying = _all(desk)
    if not lying:
        nothing = say("flows.nothing_to_hand_over")
        await tell_empty(desk.ui, "cash.none", say("flows.hand_over"), nothing)
        return
    page = Page("cash.choose", say("flows.hand_over"), hint=say("ui.by_digit"))
    await lying[await choose(desk.ui, page, [one.shown for one in lying], first=None)].begin()


def hand_overs(desk: Desk) -> int:
    """How many tickets and payouts have cash that lies there still."""
    return len(_all(desk))


def _all(desk: Desk) -> list[Lying]:
    if not desk.ledger.payouts.to_hand_over():
        return lying_refunds(desk)
    from pos_terminal.flows.case.pay_out import lying_payouts

    return [*lying_refunds(desk), *lying_payouts(desk)]
