"""Outcomes that are not known yet, and those given up as not paid; people conclude them (R32)."""

from __future__ import annotations

from collections.abc import Sequence

from pos_terminal.core.money import with_symbol
from pos_terminal.core.people import Role
from pos_terminal.core.refund import Refund
from pos_terminal.core.words import Words, say
from pos_terminal.flows.common.desk import Desk
from pos_terminal.flows.trouble.conclude_unknown import conclude_unknown, record_late_approval
from pos_terminal.ui.ask import choose, confirm
from pos_terminal.ui.page import Line, Page


async def show_pending(desk: Desk) -> None:
    """The list, oldest first; behind it those that were given up. A technician only reads it."""
    refunds = desk.ledger.refunds.open_ones()
    given_up = desk.ledger.refunds.recently_given_up()
    title = say("flows.menu_pending")
    if desk.clerk.role is Role.TECHNICIAN or not (refunds or given_up):
        await _read(desk, title, refunds)
        return
    last = [Line(say("unknown.given_up_list"), str(len(given_up)))] if given_up else []
    page = Page("pending", title, hint=say("unknown.choose_hint"))
    at = await choose(desk.ui, page, [*(_option(desk, one) for one in refunds), *last])
    if at < len(refunds):
        await conclude_unknown(desk, refunds[at])
    else:
        await _show_given_up(desk, given_up)


async def _read(desk: Desk, title: Words, refunds: Sequence[Refund]) -> None:
    lines = tuple(_option(desk, one) for one in refunds) or (Line(say("flows.nothing_pending")),)
    await confirm(desk.ui, Page("pending", title, lines, hint=say("ui.enter")))


async def _show_given_up(desk: Desk, refunds: Sequence[Refund]) -> None:
    """One that the acquirer says was paid after all, by telephone or letter."""
    page = Page("given_up", say("unknown.given_up_list"), hint=say("unknown.late_choose_hint"))
    at = await choose(desk.ui, page, [_option(desk, refund) for refund in refunds])
    await record_late_approval(desk, refunds[at])


def _option(desk: Desk, refund: Refund) -> Line:
    amount = with_symbol(refund.amount, refund.currency)
    sealed_at = desk.shop.local(refund.sealed_at)
    return Line(f"{sealed_at:%m-%d %H:%M} {refund.stan or ''}", amount)
