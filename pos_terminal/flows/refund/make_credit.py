"""An exchange credit is made: approved as a refund of as much, then one commit has all of it (R37).

It stands on each payment that has a part of it, under one number.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta

from msgspec.structs import replace

from pos_terminal.core.application import Withdrawn
from pos_terminal.core.rules.book import approvals_needed
from pos_terminal.core.words import Failure, say
from pos_terminal.flows.common.credentials import MenuKey
from pos_terminal.flows.common.desk import Desk, GivenUp, LogOut
from pos_terminal.flows.common.keep_doubt import keep_doubt
from pos_terminal.flows.refund.approve_plan import ask_plan, seen
from pos_terminal.flows.refund.change_goods import change_goods
from pos_terminal.flows.refund.confirm_credit import must_be_worth, until_line
from pos_terminal.flows.refund.give_back import (
    GoodsByLine,
    apply_all,
    draft_of,
    end,
    ended_with,
    refuse_plan,
)
from pos_terminal.flows.refund.going import Going
from pos_terminal.flows.refund.plan import Plan
from pos_terminal.flows.refund.show_result import show_result
from pos_terminal.ports import Application, Result
from pos_terminal.ui.page import Line
from pos_terminal.ui.prompt import Cancelled


async def make_credit(desk: Desk, plan: Plan, instead_of: Sequence[int] = ()) -> None:
    """Nothing of it is to do before the commit: until then nothing was promised."""
    for leg in plan.legs:
        await keep_doubt(desk, leg.sale.key, leg.ground)
    while plan.refused is None:
        try:
            await _make(desk, plan, instead_of)
        except GoodsByLine as wish:
            instead_of = [one.number for one in wish.applications]
            async with ended_with(desk, wish.applications):
                plan = await change_goods(desk, plan)
                must_be_worth(plan)
        else:
            return
    await refuse_plan(desk, *plan.refused, instead_of)


async def _make(desk: Desk, plan: Plan, instead_of: Sequence[int]) -> None:
    """GoodsByLine where the menu key leads there."""
    drafts = [
        draft_of(desk, wanted, decision, place=place)
        for place, (wanted, decision) in enumerate(plan.going, 1)
    ]
    applications = await apply_all(desk, drafts, instead_of)
    going = [Going(one, *leg) for one, leg in zip(applications, plan.going, strict=True)]
    async with _until_their_end(desk, applications):
        await _approve(desk, going, plan)
        await _commit(desk, applications)


async def _approve(desk: Desk, going: Sequence[Going], plan: Plan) -> None:
    needed = approvals_needed([one.decision for one in going], desk.shop.supervisor)
    if not needed:
        return
    until = desk.clock.now() + timedelta(hours=desk.shop.exchange_hours)
    named = Line(say("flows.kind_exchange_credit"), going[0].wanted.sale.number)
    try:
        approvals = await ask_plan(
            desk,
            [seen(one) for one in going],
            [said for one in going for said in one.decision.read],
            *(needed, plan.digest),
            about=(named, until_line(desk, until)),
            menu=True,
        )
    except MenuKey:
        raise GoodsByLine(*(one.application for one in going)) from None
    for one in going:
        own = [replace(said, amount=one.application.amount) for said in approvals]
        await desk.ledger.applications.approve(one.application.number, own)


async def _commit(desk: Desk, applications: Sequence[Application]) -> None:
    """It can be used for so long from then on, however long the supervisor took."""
    lasts = timedelta(hours=desk.shop.exchange_hours)
    slips = desk.papers().exchange_credit(applications)
    numbers = [one.number for one in applications]
    credit = await desk.ledger.make_exchange_credit(numbers, lasts, slips)
    desk.printing.wake()
    first = desk.ledger.exchange_credits.legs(credit.ticket)[0]
    whole = replace(first, amount=credit.amount)  # one number, whatever it stands on
    said = say("flows.done_exchange_credit")
    await show_result(desk, Result(whole, said, say("exchange.credit_give")))


@asynccontextmanager
async def _until_their_end(desk: Desk, applications: Sequence[Application]) -> AsyncIterator[None]:
    """What is given up or can't go on within it ends as cancelled, all of it."""
    try:
        yield
    except (Cancelled, Failure) as ended:
        why = ended.code if isinstance(ended, Failure) else Withdrawn.CLERK
        for application in applications:
            await end(desk, application, why)
        if isinstance(ended, Cancelled) and not isinstance(ended, LogOut):
            raise GivenUp from None
        raise
