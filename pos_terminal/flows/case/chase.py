"""Accepted refunds that the acquirer's file has not confirmed in time: somebody asks (R50)."""

from __future__ import annotations

from collections.abc import Sequence

from pos_terminal.core.case import CaseKind
from pos_terminal.core.money import with_symbol
from pos_terminal.core.refund import Refund
from pos_terminal.core.words import say
from pos_terminal.flows.case.case_step import ask_step
from pos_terminal.flows.common.desk import Desk
from pos_terminal.flows.common.show_status import status_lines
from pos_terminal.flows.common.unconfirmed import unconfirmed
from pos_terminal.ports.standing import standing_of
from pos_terminal.ui.ask import choose, confirm, tell_empty
from pos_terminal.ui.page import Line, Page


async def see_unconfirmed(desk: Desk) -> None:
    """The oldest first; to chase one opens a case, and asking is a step of that."""
    refunds = unconfirmed(desk)
    title = say("unconfirmed.list")
    if not refunds:
        await tell_empty(desk.ui, "unconfirmed.none", title, say("unconfirmed.none"))
        return
    page = Page("unconfirmed.list", title, hint=say("ui.by_digit"))
    refund = refunds[await choose(desk.ui, page, _options(desk, refunds))]
    standing = standing_of(desk.ledger, refund.application)
    about = [] if standing is None else status_lines(desk, standing)
    lines = (
        *about,
        Line(say("flows.trace"), refund.stan or ""),
        *([Line(say("cases.rrn"), refund.rrn)] if refund.rrn else []),
    )
    await confirm(
        desk.ui, Page("unconfirmed.refund", title, lines, hint=say("unconfirmed.chase_hint"))
    )
    number = await desk.ledger.cases.open(refund.refund_id, CaseKind.TIME, desk.clerk.number)
    case = desk.ledger.cases.by_id(number)
    if case is not None:
        await ask_step(desk, case)


def _options(desk: Desk, refunds: Sequence[Refund]) -> list[Line]:
    return [
        Line(
            f"{desk.shop.local(one.sealed_at):%m-%d} {one.masked or one.stan or ''}",
            with_symbol(one.done, one.currency),
        )
        for one in refunds
    ]
