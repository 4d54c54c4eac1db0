"""Exchange (换货): goods come back, others go out, and no money (R37).

Of the same worth they go out here. Of any other the till sells them, for an exchange credit.
"""

from __future__ import annotations

from collections.abc import Sequence

from pos_terminal.core.decision import Objection
from pos_terminal.core.exchange import PRICE_TYPED, GivenOut, worths_to_match
from pos_terminal.core.rules.book import approvals_needed
from pos_terminal.core.words import Failure, say
from pos_terminal.flows.common.ask_supervisor import ask_supervisors
from pos_terminal.flows.common.credentials import MenuKey
from pos_terminal.flows.common.desk import Desk
from pos_terminal.flows.common.found import Found
from pos_terminal.flows.common.steps import one_after_the_other
from pos_terminal.flows.common.wanted import Wanted
from pos_terminal.flows.refund.ask_exchange import AskExchange, who_approve
from pos_terminal.flows.refund.confirm_exchange import both_ways
from pos_terminal.flows.refund.give_back import GoodsByLine, apply, ended_with, until_its_end
from pos_terminal.flows.refund.make_credit import make_credit
from pos_terminal.flows.refund.plan import decide
from pos_terminal.flows.refund.ready_sale import ready_sale
from pos_terminal.flows.refund.refuse import refuse
from pos_terminal.flows.refund.show_result import show_result
from pos_terminal.ports import Application, Result


async def exchange(desk: Desk, found: Found, *, from_case: bool = False) -> None:
    """From the list of the sale's screen: which goods, why, what goes out for them. Cancel goes
    back by one question. ``from_case``: some of what was to be exchanged may never have come."""
    with desk.authoriser.sale():
        sale = await ready_sale(desk, found.sale_key, by_gift=found.by_gift)
        asking = AskExchange(desk, sale, in_hand=not from_case)
        await one_after_the_other(desk.ui, *asking.questions())
        before: Sequence[Application] = ()
        while asking.credit is None:
            numbers = [one.number for one in before]
            try:
                await _even(desk, asking.even(), asking.out, numbers)
            except GoodsByLine as wish:
                before = wish.applications
                async with ended_with(desk, before):
                    await asking.change()
            else:
                return
        await make_credit(desk, asking.credit, [one.number for one in before])


async def _even(desk: Desk, wanted: Wanted, out: list[GivenOut], instead_of: Sequence[int]) -> None:
    """Who approves sees what goes out. GoodsByLine where the menu key leads there."""
    decision = decide(desk, wanted)
    application = await apply(desk, wanted, decision, instead_of)
    if decision.refuses:
        await refuse(desk, application, decision)
        return
    async with until_its_end(desk, application):
        by_rules = approvals_needed([decision], desk.shop.supervisor)
        needed = who_approve(desk, decision, out)
        try:
            await ask_supervisors(
                *(desk, application, wanted.sale, needed, decision),
                about=both_ways(wanted, out),
                menu=True,
                unasked=PRICE_TYPED if needed > by_rules else Objection.POLICY.value,
            )
        except MenuKey:
            raise GoodsByLine(application) from None
        _must_be_worth_it(desk, wanted)
        slips = desk.papers().exchange(application, out)
        refund = await desk.ledger.exchange(application.number, out, slips)
        desk.printing.wake()
        await show_result(desk, Result(refund, say("flows.done_exchange"), say("exchange.follow")))


def _must_be_worth_it(desk: Desk, wanted: Wanted) -> None:
    """The till may have lowered a payment while clerk or supervisor looked. Failure
    ``exchange.worth_since``."""
    sale = desk.ledger.sales.by_key(wanted.sale.key)
    back = {item.line: item.quantity for item in wanted.items}
    if sale is None or sum(worths_to_match(sale, back).values()) < wanted.amount:
        raise Failure("exchange.worth_since")
