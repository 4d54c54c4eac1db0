"""What else can be done with a sale than to give it back: the menu key at the sale's screen.

Each entry keeps its digit. What leads nowhere with this sale is not shown.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from msgspec import Struct

from pos_terminal.core.money import with_symbol
from pos_terminal.core.sale import Sale, SaleOrigin, SaleState
from pos_terminal.core.typed import typed_legs
from pos_terminal.core.words import Failure, Words, say
from pos_terminal.flows.common.another_way import ways_of
from pos_terminal.flows.common.cannot_be import against_sale
from pos_terminal.flows.common.desk import Desk, GivenUp, LogOut
from pos_terminal.flows.common.found import Found
from pos_terminal.flows.common.opened_money import opened_by
from pos_terminal.flows.refund.ask_exchange import can_exchange
from pos_terminal.flows.refund.back_another_way import back_another_way
from pos_terminal.flows.refund.exchange import exchange
from pos_terminal.flows.refund.give_back import give_back
from pos_terminal.flows.several_sales import give_back_several
from pos_terminal.ui.ask import choose_digit, tell_empty
from pos_terminal.ui.page import Line, Page
from pos_terminal.ui.prompt import Cancelled


class More(Struct, frozen=True):
    """What one digit begins. Where it ends the clerk is at home; Cancelled leads back to the
    list, GivenUp does not."""

    text: str
    begin: Callable[[Desk, Found], Awaitable[None]]
    leads: Callable[[Desk, Sale, Found], bool] | None = None
    """Whether it is there for this sale; None: for every one."""
    of_gift: bool = True
    """Whether it is there for who has no more than a gift receipt of it."""


def _stands(desk: Desk, sale: Sale, found: Found) -> bool:
    return against_sale(desk, sale, by_gift=found.by_gift) is None


def _told_by_till(_: Desk, sale: Sale, __: Found) -> bool:
    return sale.origin is SaleOrigin.FEED


def _typed(_: Desk, sale: Sale, __: Found) -> bool:
    """Nothing was given back of it, as far as the sale says; the rest is said by name. Of a till's
    sale that somebody typed a reference of it."""
    if sale.origin is SaleOrigin.FEED:
        return bool(typed_legs(sale))
    unused = sale.done == sale.held == 0
    return sale.origin is SaleOrigin.TYPED and sale.state is SaleState.APPROVED and unused


async def _withdraw(desk: Desk, found: Found) -> None:
    from pos_terminal.flows.find.withdraw_typed import withdraw_typed

    await withdraw_typed(desk, found)


async def _prove(desk: Desk, found: Found) -> None:
    from pos_terminal.flows.paper.prove_purchase import prove_purchase

    await prove_purchase(desk, found)


async def _credit(desk: Desk, found: Found) -> None:
    from pos_terminal.flows.refund.show_exchange_credit import choose_credit

    await choose_credit(desk, found)


def _on_credit(desk: Desk, sale: Sale, _: Found) -> bool:
    return bool(desk.ledger.exchange_credits.open_of(sale.key))


async def _went_wrong(desk: Desk, found: Found) -> None:
    from pos_terminal.flows.case.open_case import open_case_of_sale

    await open_case_of_sale(desk, found)


async def _left_to_do(desk: Desk, found: Found) -> None:
    from pos_terminal.flows.refund.go_on import go_on

    sale = desk.ledger.sales.by_key(found.sale_key)
    ticket = None if sale is None else opened_by(desk, sale).ticket
    if ticket is None:  # done meanwhile
        raise Failure("flows.nothing_to_do")
    await go_on(desk, ticket)


def _opened(desk: Desk, sale: Sale, _: Found) -> bool:
    return opened_by(desk, sale).ticket is not None


def _another_way(desk: Desk, sale: Sale, found: Found) -> bool:
    return any(ways_of(desk, sale, leg, by_gift=found.by_gift) for leg in sale.tenders)


def _exchange(desk: Desk, sale: Sale, found: Found) -> bool:
    return _stands(desk, sale, found) and can_exchange(desk, sale)


MORE: Final[Mapping[int, More]] = {
    1: More("flows.several", give_back_several, _stands),
    2: More("flows.menu_proof", _prove, _told_by_till, of_gift=False),
    3: More("tenders.another_way", back_another_way, _another_way),
    4: More("flows.typed_wrong", _withdraw, _typed, of_gift=False),
    5: More("exchange.menu", exchange, _exchange, of_gift=False),
    6: More("exchange.credit", _credit, _on_credit, of_gift=False),
    7: More("exchange.goods_to_do", _left_to_do, _opened, of_gift=False),
    8: More("cases.menu", _went_wrong),
}
"""By their digits: 1 several receipts in one visit, 2 proof of purchase, 3 back another way, 4 a
sale, or a reference, that was typed wrong, 5 other goods in return, 6 an exchange credit whose
paper is lost, 7 what goods that one had paid for have left to do, 8 something went wrong."""


async def sale_more(desk: Desk, found: Found) -> None:
    """Cancel leads back to the sale's screen."""
    with desk.authoriser.sale():
        while True:
            begin = await _chosen(desk, found)
            if begin is None:
                break
            try:
                await begin(desk, found)
            except (LogOut, GivenUp):
                raise
            except Cancelled:
                continue
            return
    await give_back(desk, found)


async def _chosen(desk: Desk, found: Found) -> Callable[[Desk, Found], Awaitable[None]] | None:
    sale = desk.ledger.sales.by_key(found.sale_key)
    if sale is None:  # gone meanwhile: the sale's screen says so
        return None
    there = {
        digit: Line(say(one.text))
        for digit, one in MORE.items()
        if (one.leads is None or one.leads(desk, sale, found))
        and (one.of_gift or not found.by_gift)
    }
    title = say("flows.sale_more")
    if not there:
        await tell_empty(desk.ui, "sale.more.none", title, say("ui.nothing_there"))
        return None
    amount = "" if found.by_gift else with_symbol(sale.amount, sale.currency)
    about = Line(sale.when, amount)
    page = Page("sale.more", title, (about,))
    try:
        return MORE[await choose_digit(desk.ui, page, there, absent=_absent(found))].begin
    except LogOut:
        raise
    except Cancelled:
        return None


def _absent(found: Found) -> Mapping[int, Words]:
    """Why the clerk finds nothing there with this sale."""
    words = {digit: say("flows.not_with_sale") for digit in MORE}
    return words | ({5: say("exchange.not_of_gift")} if found.by_gift else {})
