"""An even exchange before it is done: what comes back, and what goes out for it (R37)."""

from __future__ import annotations

from collections.abc import Sequence

from pos_terminal.core.exchange import GivenOut
from pos_terminal.core.items import Item
from pos_terminal.core.money import format_amount
from pos_terminal.core.quantity import format_quantity
from pos_terminal.core.sale import Sale
from pos_terminal.core.serials import unread
from pos_terminal.core.sorts import name_back
from pos_terminal.core.words import say
from pos_terminal.flows.common.credentials import MenuKey
from pos_terminal.flows.common.desk import Desk
from pos_terminal.flows.common.menu_key import menu_key
from pos_terminal.flows.common.wanted import Wanted
from pos_terminal.flows.refund.goods_out import TITLE
from pos_terminal.ports import InputEvent, Key, KeyPressed
from pos_terminal.ui.ask import heading
from pos_terminal.ui.page import Line, Page


async def confirm_exchange(desk: Desk, wanted: Wanted, out: Sequence[GivenOut]) -> None:
    """Nobody else looks at it, and a scan alone is too easily the wrong one. MenuKey by that key,
    which leads to the goods."""
    lines, hint = both_ways(wanted, out), say("exchange.even_hint")
    page = Page("exchange.even", TITLE, lines, hint=hint)
    if await desk.ui.prompt(page, _enter_or_menu, fresh=True) is Key.MENU:
        raise MenuKey


def _enter_or_menu(event: InputEvent) -> Key | None:
    return Key.ENTER if event == KeyPressed(Key.ENTER) else menu_key(event)


def both_ways(wanted: Wanted, out: Sequence[GivenOut]) -> tuple[Line, ...]:
    sale = wanted.sale
    return (
        *(line for one in wanted.items for line in _back(sale, one)),
        *(line for one in out for line in _out(sale, one)),
    )


def _back(sale: Sale, one: Item) -> tuple[Line, ...]:
    sorts, serials = ((), ()) if one.looked is None else (one.looked.sorts, one.looked.serials)
    name, quantity = name_back(sale.line(one.line), one.quantity, sorts), one.quantity
    lacks = one.looked is not None and one.looked.disposition is None
    text = "exchange.not_back" if lacks else "exchange.back"
    words = say(text, name=name, quantity=format_quantity(quantity))
    return (Line(words, format_amount(one.worth, sale.currency)), *_pieces(serials))


def _out(sale: Sale, one: GivenOut) -> tuple[Line, ...]:
    """Of a price that was typed, too, what as much of it cost the last time, if anybody knows."""
    quantity = format_quantity(one.quantity)
    not_read = unread(sale.line(one.line), one.quantity, one.serials)
    prices = {"exchange.price_typed": one.price, "exchange.sold_last_for": one.last_sold_for}
    return (
        Line(say("exchange.out", name=one.name or one.code, quantity=quantity)),
        *_pieces(one.serials),
        *((heading(say("goods.serial_unread", count=not_read)),) if not_read else ()),
        *(
            heading(say(label), format_amount(price, sale.currency))
            for label, price in prices.items()
            if price is not None
        ),
    )


def _pieces(serials: Sequence[str]) -> tuple[Line, ...]:
    return tuple(Line(say("goods.serial"), serial) for serial in serials)
