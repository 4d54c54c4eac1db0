"""Exchange (换货): goods come back, others go out, and no money (R37).

Of the same worth they go out here. Of any other the till sells them, for an exchange credit.
"""

from __future__ import annotations

from collections.abc import Sequence

from pos_terminal.core.exchange import GivenOut
from pos_terminal.core.goods_code import codes_for
from pos_terminal.core.money import format_amount
from pos_terminal.core.quantity import SCALE, format_quantity
from pos_terminal.core.rules.book import approvals_needed
from pos_terminal.core.sorts import name_back
from pos_terminal.core.words import say
from pos_terminal.flows.common.ask_supervisor import ask_supervisors
from pos_terminal.flows.common.credentials import MenuKey
from pos_terminal.flows.common.desk import Desk
from pos_terminal.flows.common.found import Found
from pos_terminal.flows.common.steps import one_after_the_other
from pos_terminal.flows.common.wanted import Wanted
from pos_terminal.flows.refund.ask_exchange import AskExchange
from pos_terminal.flows.refund.give_back import GoodsByLine, apply, ended_with, until_its_end
from pos_terminal.flows.refund.make_credit import make_credit
from pos_terminal.flows.refund.plan import decide
from pos_terminal.flows.refund.ready_sale import ready_sale
from pos_terminal.flows.refund.refuse import refuse
from pos_terminal.flows.refund.show_result import show_result
from pos_terminal.ports import Application, Result
from pos_terminal.ui.ask import heading
from pos_terminal.ui.page import Line


async def exchange(desk: Desk, found: Found) -> None:
    """From the list of the sale's screen: which goods, why, what goes out for them. Cancel goes
    back by one question."""
    with desk.authoriser.sale():
        sale = await ready_sale(desk, found.sale_key, by_gift=found.by_gift)
        asking = AskExchange(desk, sale)
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
    """Who approves sees what goes out. Where nothing here knows what it is worth but the clerk,
    somebody always does. GoodsByLine where the menu key leads there."""
    decision = decide(desk, wanted)
    application = await apply(desk, wanted, decision, instead_of)
    if decision.refuses:
        await refuse(desk, application, decision)
        return
    async with until_its_end(desk, application):
        typed = any(one.price is not None for one in out)
        needed = max(approvals_needed([decision], desk.shop.supervisor), int(typed))
        about = (
            *_back_lines(wanted),
            *(line for one in out for line in _out_lines(desk, wanted, one)),
        )
        try:
            await ask_supervisors(
                desk, application, wanted.sale, needed, decision, about=about, menu=True
            )
        except MenuKey:
            raise GoodsByLine(application) from None
        slips = desk.papers().exchange(application, out)
        refund = await desk.ledger.exchange(application.number, out, slips)
        desk.printing.wake()
        await show_result(desk, Result(refund, say("flows.done_exchange"), say("exchange.follow")))


def _back_lines(wanted: Wanted) -> tuple[Line, ...]:
    sale = wanted.sale
    return tuple(
        Line(
            say(
                "exchange.back",
                name=name_back(sale.line(one.line), one.quantity, one.sorts),
                quantity=format_quantity(one.quantity),
            ),
            format_amount(one.worth, sale.currency),
        )
        for one in wanted.items
    )


def _out_lines(desk: Desk, wanted: Wanted, one: GivenOut) -> tuple[Line, ...]:
    """Of a price that was typed, too, what as much of it cost the last time, if anybody knows."""
    sale, quantity = wanted.sale, format_quantity(one.quantity)
    out = Line(say("exchange.out", name=one.name or one.code, quantity=quantity))
    pieces = tuple(Line(say("goods.serial"), serial) for serial in one.serials)
    if one.price is None:
        return (out, *pieces)
    typed = heading(say("exchange.price_typed"), format_amount(one.price, sale.currency))
    codes = codes_for(one.code, desk.shop.scale_patterns)
    known = desk.ledger.sales.sold_before(codes.whole, sale.sold_at)
    if known is None or known.newest is None:
        return (out, *pieces, typed)
    cost = format_amount(known.newest * one.quantity // SCALE, sale.currency)
    return (out, *pieces, typed, heading(say("exchange.sold_last_for"), cost))
