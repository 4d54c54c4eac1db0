"""Money back for one sale: the clerk's script, from the sale on the screen to the slips."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager

from pos_terminal.core.application import ApplicationState, Withdrawn
from pos_terminal.core.decision import Decision
from pos_terminal.core.money import with_symbol
from pos_terminal.core.refund import Kind
from pos_terminal.core.rules import card_match
from pos_terminal.core.rules.book import approvals_needed
from pos_terminal.core.sale import Sale, SaleState
from pos_terminal.core.words import Failure, FailureCode, say
from pos_terminal.flows.common.another_way import AnotherWay, read_or_form, sends_to_form
from pos_terminal.flows.common.ask_supervisor import ask_supervisors
from pos_terminal.flows.common.credentials import MenuKey
from pos_terminal.flows.common.desk import Desk, GivenUp, LogOut
from pos_terminal.flows.common.found import Found
from pos_terminal.flows.common.get_ready import get_ready
from pos_terminal.flows.common.keep_doubt import keep_doubt
from pos_terminal.flows.common.of_gift import to_holder, told
from pos_terminal.flows.common.turned_away import at_home_here, by_state
from pos_terminal.flows.common.wanted import Wanted
from pos_terminal.flows.refund.approve_plan import approve_plan
from pos_terminal.flows.refund.ask_wanted import ask_wanted
from pos_terminal.flows.refund.card_readers import ready_or_word
from pos_terminal.flows.refund.carry_out import carry_out, carry_out_opened
from pos_terminal.flows.refund.change_goods import change_goods
from pos_terminal.flows.refund.choose_way import shown
from pos_terminal.flows.refund.going import Going
from pos_terminal.flows.refund.plan import Plan
from pos_terminal.flows.refund.refuse import refuse
from pos_terminal.flows.refund.to_card import to_card
from pos_terminal.flows.refund.turn_away import print_refusal, turn_away
from pos_terminal.flows.refund.ways import WAYS
from pos_terminal.flows.refund.what_opens import where_it_goes
from pos_terminal.flows.trouble.report_debit import report_debit
from pos_terminal.ports import Application, Draft
from pos_terminal.texts import next_step
from pos_terminal.ui.ask import large
from pos_terminal.ui.prompt import Cancelled

log = logging.getLogger(__name__)


Ask = Callable[[Desk, Found, Sale | None], Awaitable[Plan]]
"""What the clerk is asked, up to the plan."""


async def give_back(desk: Desk, found: Found, ask: Ask = ask_wanted) -> None:
    """From the found sale to the receipt. Cancelled until the request is sealed, never after,
    and GivenUp once it has a number; MoreOfSale from the sale's screen."""
    with desk.authoriser.sale():
        await _give_back(desk, found, ask)


async def _give_back(desk: Desk, found: Found, ask: Ask) -> None:
    sale = desk.ledger.sales.by_key(found.sale_key)
    if sale is not None and desk.shop.home is not None:
        at_home_here(sale, desk.shop.home)
    if sale is not None and sale.state is SaleState.UNCONFIRMED:
        if found.by_gift:
            away = by_state(sale)
            away.by_gift = True
            raise away
        await _not_confirmed(desk, sale)
        return
    if await get_ready(desk):
        sale = desk.ledger.sales.by_key(found.sale_key)
    await carry_out_plan(desk, await ask(desk, found, sale), found.instead_of)


async def carry_out_plan(desk: Desk, plan: Plan, instead_of: int | None = None) -> None:
    """What was refused is told; else approved, and given back."""
    for leg in plan.legs:
        await keep_doubt(desk, leg.sale.key, leg.ground)
    before = [] if instead_of is None else [instead_of]
    while plan.refused is None:
        try:
            await (_one_leg if len(plan.going) == 1 else _several_legs)(desk, plan, before)
        except GoodsByLine as wish:
            before = [one.number for one in wish.applications]
            async with ended_with(desk, wish.applications):
                plan = await change_goods(desk, plan)
        else:
            return
    await refuse_plan(desk, *plan.refused, before)


class GoodsByLine(Exception):
    """The supervisor, or the clerk, wants to look at the goods: a changed plan takes the place of
    these."""

    def __init__(self, *applications: Application) -> None:
        super().__init__(*applications)
        self.applications = applications


@asynccontextmanager
async def ended_with(desk: Desk, applications: Sequence[Application]) -> AsyncIterator[None]:
    """What these ask for is being changed: who is logged out meanwhile leaves them cancelled."""
    try:
        yield
    except Cancelled:
        for application in applications:
            await end(desk, application, Withdrawn.CLERK)
        raise


async def refuse_plan(
    desk: Desk, wanted: Wanted, decision: Decision, instead_of: Sequence[int] = ()
) -> None:
    """What the rules refuse of it is numbered, and told."""
    (application,) = await apply_all(desk, [draft_of(desk, wanted, decision)], instead_of)
    await refuse(desk, application, decision)


async def _one_leg(desk: Desk, plan: Plan, instead_of: Sequence[int]) -> None:
    ((wanted, decision),) = plan.going
    (application,) = await apply_all(desk, [draft_of(desk, wanted, decision)], instead_of)
    async with until_its_end(desk, application):
        await carry_out_one(desk, Going(application, wanted, decision), plan.digest)


@asynccontextmanager
async def until_its_end(desk: Desk, application: Application) -> AsyncIterator[None]:
    """What is given up or can't go on within it ends as cancelled, unless it was sealed. AnotherWay
    where what stands against it leads to the form, and the clerk goes there."""
    try:
        yield
    except Cancelled as cancelled:
        if _is_open(desk, application):
            await desk.ledger.applications.cancel(application.number, Withdrawn.CLERK)
        if isinstance(cancelled, LogOut):
            raise
        raise GivenUp from None
    except Failure as failure:
        await end(desk, application, failure.code)
        if (words := told(failure.words, holder=to_holder(desk, application))) != failure.words:
            await keep_doubt(desk, application.sale_key, failure.words)
            raise Failure.of(words) from None
        if not sends_to_form(failure.words):
            raise
        following = next_step(failure.words)
        said = (failure.words, *(() if following is None else (following,)))
        if await read_or_form(desk, "failure", say("flows.not_possible"), said):
            raise AnotherWay(application.number) from None
        raise Cancelled from None


async def _several_legs(desk: Desk, plan: Plan, instead_of: Sequence[int]) -> None:
    """Approved once, and to do from then on, whatever comes in between (R35)."""
    needed = approvals_needed([one for _, one in plan.going], desk.shop.supervisor)
    drafts = [
        draft_of(desk, wanted, decision, place=place, kept=needed == 0)
        for place, (wanted, decision) in enumerate(plan.going, 1)
    ]
    applications = await apply_all(desk, drafts, instead_of)
    going = [Going(one, *leg) for one, leg in zip(applications, plan.going, strict=True)]
    if needed:
        try:
            await approve_plan(desk, going, needed, plan.digest)
        except MenuKey:
            raise GoodsByLine(*applications) from None
        except (Cancelled, Failure) as ended:
            why = ended.code if isinstance(ended, Failure) else Withdrawn.CLERK
            for application in applications:
                await end(desk, application, why)
            if isinstance(ended, Cancelled) and not isinstance(ended, LogOut):
                raise GivenUp from None
            raise
    await carry_out(desk, going)


async def _not_confirmed(desk: Desk, sale: Sale) -> None:
    """Refused like any other (R67); what the clerk can do for the customer is on the same page."""
    away = by_state(sale)
    application = await turn_away(desk, away)
    if await report_debit(desk, sale, application) and application is not None:
        await print_refusal(desk, application, away)


async def end(desk: Desk, application: Application, why: Withdrawn | FailureCode) -> None:
    """An application that can't go on ends with its cause; a sealed one is the ledger's affair."""
    if not _is_open(desk, application):
        return
    try:
        await desk.ledger.applications.cancel(application.number, why)
    except Failure as second:
        # a ledger that can't be written: the next start cancels it
        log.warning("application %d stays open: %s", application.number, second)


def _is_open(desk: Desk, application: Application) -> bool:
    now = desk.ledger.applications.by_number(application.number)
    return now is not None and now.state is ApplicationState.OPEN


async def apply(
    desk: Desk, wanted: Wanted, decision: Decision, instead_of: Sequence[int] = ()
) -> Application:
    """One leg that is no plan's."""
    (application,) = await apply_all(desk, [draft_of(desk, wanted, decision)], instead_of)
    return application


async def apply_all(
    desk: Desk, drafts: Sequence[Draft], instead_of: Sequence[int] = ()
) -> Sequence[Application]:
    """Numbered and kept, refused ones too (R67)."""
    applications = await desk.ledger.applications.open_ticket(drafts)
    for before in instead_of:
        await desk.ledger.applications.cancel(before, Withdrawn.TAKEN_UP_AGAIN)
    return applications


def draft_of(
    desk: Desk, wanted: Wanted, decision: Decision, *, place: int = 1, kept: bool = False
) -> Draft:
    return Draft(
        sale_key=wanted.sale.key,
        leg=wanted.tender.leg,
        place=place,
        kind=wanted.choice.kind,
        amount=wanted.amount,
        reason=wanted.reason.code,
        note=wanted.note,
        operator=desk.clerk.number,
        decisions=[decision],
        refused=decision.refuses,
        kept=kept,
        goods_back=wanted.goods_back,
        items=wanted.items,
        owed=wanted.owed,
        basis=wanted.basis,
        invoice=wanted.invoice,
    )


async def carry_out_one(desk: Desk, one: Going, digest: str, *, goods_change: bool = True) -> None:
    """Approved first. GoodsByLine where the menu key leads there."""
    application, wanted, decision = one.application, one.wanted, one.decision
    needed = approvals_needed([decision], desk.shop.supervisor)
    foreseen = None
    if WAYS.get(application.kind) is to_card:
        foreseen = card_match.foreseen(wanted.tender.card)
        amount = large(say("flows.amount"), with_symbol(application.amount, wanted.sale.currency))
        await ready_or_word(desk, amount)
    try:
        await ask_supervisors(
            *(desk, application, wanted.sale, needed, decision),
            foreseen=foreseen,
            plan=digest,
            about=(*shown(wanted.basis), *where_it_goes(desk, wanted)),
            menu=goods_change and wanted.names_goods,
        )
    except MenuKey:
        raise GoodsByLine(application) from None
    if application.kind is Kind.EXCHANGE_BACK:
        await carry_out_opened(desk, one)
        return
    await WAYS[application.kind](desk, application, wanted)
