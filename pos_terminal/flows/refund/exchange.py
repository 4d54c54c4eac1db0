"""Exchange (换货): goods come back, others go out, and no money (R37).

Of the same worth they go out here. Of any other the till sells them, for an exchange credit.
"""

from __future__ import annotations

from pos_terminal.core.exchange import GivenOut
from pos_terminal.core.money import format_amount
from pos_terminal.core.quantity import format_quantity
from pos_terminal.core.rules.book import approvals_needed
from pos_terminal.core.sale import Sale
from pos_terminal.core.words import say
from pos_terminal.flows.common.ask_supervisor import ask_supervisors
from pos_terminal.flows.common.desk import Desk
from pos_terminal.flows.common.found import Found
from pos_terminal.flows.common.steps import one_after_the_other
from pos_terminal.flows.common.wanted import Wanted
from pos_terminal.flows.refund.ask_exchange import AskExchange
from pos_terminal.flows.refund.give_back import apply, until_its_end
from pos_terminal.flows.refund.make_credit import make_credit
from pos_terminal.flows.refund.plan import decide
from pos_terminal.flows.refund.ready_sale import ready_sale
from pos_terminal.flows.refund.refuse import refuse
from pos_terminal.flows.refund.show_result import show_result
from pos_terminal.ports import Result
from pos_terminal.ui.ask import heading
from pos_terminal.ui.page import Line


async def exchange(desk: Desk, found: Found) -> None:
    """From the list of the sale's screen: which goods, why, what goes out for them. Cancel goes
    back by one question."""
    with desk.authoriser.sale():
        sale = await ready_sale(desk, found.sale_key, by_gift=found.by_gift)
        asking = AskExchange(desk, sale)
        await one_after_the_other(desk.ui, *asking.questions())
        if asking.credit is not None:
            await make_credit(desk, asking.credit)
        else:
            await _even(desk, asking.even(), asking.out)


async def _even(desk: Desk, wanted: Wanted, out: list[GivenOut]) -> None:
    """Who approves sees what goes out. Where nothing here knows what it is worth but the clerk,
    somebody always does."""
    decision = decide(desk, wanted)
    application = await apply(desk, wanted, decision)
    if decision.refuses:
        await refuse(desk, application, decision)
        return
    async with until_its_end(desk, application):
        typed = any(one.price is not None for one in out)
        needed = max(approvals_needed([decision], desk.shop.supervisor), int(typed))
        about = tuple(line for one in out for line in _out_lines(one, wanted.sale))
        await ask_supervisors(desk, application, wanted.sale, needed, decision, about=about)
        slips = desk.papers().exchange(application, out)
        refund = await desk.ledger.exchange(application.number, out, slips)
        desk.printing.wake()
        await show_result(desk, Result(refund, say("flows.done_exchange"), say("exchange.follow")))


def _out_lines(one: GivenOut, sale: Sale) -> tuple[Line, ...]:
    quantity = format_quantity(one.quantity)
    out = Line(say("exchange.out", name=one.name or one.code, quantity=quantity))
    if one.price is None:
        return (out,)
    return out, heading(say("exchange.price_typed"), format_amount(one.price, sale.currency))
