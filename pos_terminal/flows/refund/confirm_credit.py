"""What came back becomes an exchange credit: the clerk sees what that is, and agrees (R37)."""

from __future__ import annotations

from datetime import datetime, timedelta

from pos_terminal.core.money import with_symbol
from pos_terminal.core.sale import TenderKind
from pos_terminal.core.words import Failure, say
from pos_terminal.flows.common.desk import Desk
from pos_terminal.flows.refund.goods_out import TITLE
from pos_terminal.flows.refund.plan import Plan
from pos_terminal.ui.ask import confirm, heading, large
from pos_terminal.ui.page import Line, Page


def must_be_worth(plan: Plan) -> None:
    """All that the goods bring, as far as an exchange credit had paid for them: that is not set
    aside again, and whoever took them back would owe it. Failure ``exchange.of_credit``, or
    ``exchange.worth_nothing``: it went back without the goods."""
    if plan.refused is not None:
        return
    tenders = [one for request in plan.requests for one in request.sale.tenders]
    if plan.short and any(one.kind is TenderKind.EXCHANGE and one.most for one in tenders):
        raise Failure("exchange.of_credit")
    if not plan.going:
        raise Failure("exchange.worth_nothing")


async def confirm_credit(desk: Desk, plan: Plan, *why: Line) -> None:
    """``why`` it is one. Less than the goods bring is said, too. Failure
    as of ``must_be_worth``."""
    must_be_worth(plan)
    currency = plan.requests[0].sale.currency
    until = desk.clock.now() + timedelta(hours=desk.shop.exchange_hours)
    short = [(say("flows.not_this_way"), with_symbol(plan.short, currency))] if plan.short else []
    lines = (
        *why,
        large(say("exchange.credit_worth"), with_symbol(plan.amount, currency)),
        *(heading(*one) for one in short),
        until_line(desk, until),
        Line(say("exchange.credit_at_till")),
        Line(say("exchange.credit_rest")),
    )
    hint = say("exchange.credit_hint")
    await confirm(desk.ui, Page("exchange.as_credit", TITLE, lines, hint=hint))


def until_line(desk: Desk, until: datetime) -> Line:
    return Line(say("exchange.credit_until"), f"{desk.shop.local(until):%m-%d %H:%M}")
