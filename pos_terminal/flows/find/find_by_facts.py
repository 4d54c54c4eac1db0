"""Find the sale by any two of amount, date, last four digits and goods (R5).

Nothing is guessed: more than nine that fit are counted, not shown, and one fact more is asked for.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import date
from typing import Final

from msgspec import Struct

from pos_terminal.core import receipt_code
from pos_terminal.core.badge import badge_of
from pos_terminal.core.goods_code import codes_for, label
from pos_terminal.core.money import with_symbol
from pos_terminal.core.normal import normal
from pos_terminal.core.sought import LEAST, MOST_COUNTED, MOST_SHOWN, Hits, Sought
from pos_terminal.core.words import Words, say
from pos_terminal.flows.common.amount_hint import amount_hint
from pos_terminal.flows.common.choose_sale import choose_sale
from pos_terminal.flows.common.desk import Desk
from pos_terminal.flows.common.found import Found
from pos_terminal.flows.common.next_search import next_search
from pos_terminal.flows.common.steps import BackHere
from pos_terminal.flows.common.turned_away import harmless
from pos_terminal.flows.find.ask_day import ask_day
from pos_terminal.ports import CardArrived, InputEvent, Key, KeyPressed, Scanned
from pos_terminal.ui.ask import Entry, choose_or, digits_or, heading, money_entry
from pos_terminal.ui.page import Line, Page

LAST_FOUR: Final = 4
MOST_DIGITS: Final = 14
"""Of a code of goods that is typed: a GTIN-14."""


class _Known(Struct):
    """What the clerk has said so far."""

    amount: int | None = None
    on: date | None = None
    last_four: str = ""
    goods: Scanned | None = None
    """Its code, scanned or typed."""

    def sought(self, desk: Desk) -> Sought:
        goods = None
        if (code := self.goods) is not None:
            goods = codes_for(normal(code.text), desk.shop.scale_patterns, code.symbology)
        return Sought(self.amount, self.on, self.last_four, goods)


async def find_by_facts(desk: Desk) -> Found:
    """Cancel leads from a list or a question back to what is known, from there it leaves."""
    known = _Known()
    said: tuple[Words, ...] = (say("flows.any_two"),)
    while True:
        await _ask_one(desk, known, said)
        sought = known.sought(desk)
        if sought.known < LEAST:
            said = (say("flows.any_two"),)
            continue
        hits = desk.ledger.sales.sought(sought)
        said = _said(hits, sought)
        with BackHere():
            if hits.sales:
                return await choose_sale(desk, hits.sales, name="find.list")
            if not hits.count:
                await _tell_none(desk)


def _said(hits: Hits, sought: Sought) -> tuple[Words, ...]:
    """How many fit, where they are too many to be shown."""
    if hits.count <= MOST_SHOWN:
        return (say("flows.any_two"),)
    count = str(hits.count) if hits.count < MOST_COUNTED else f"{MOST_COUNTED - 1}+"
    if sought.known < len(_ASKING):
        return (say("flows.too_many_fit", count=count), say("flows.one_more"))
    return (say("flows.too_many_fit", count=count), say("flows.no_more_facts"))


async def _ask_one(desk: Desk, known: _Known, said: tuple[Words, ...]) -> None:
    """One fact, chosen by its digit; goods that are scanned need no digit."""
    page = Page(
        "find.by", say("flows.find"), tuple(map(heading, said)), hint=say("flows.facts_hint")
    )
    first = 0
    while True:
        options = _options(desk, known)
        first = next((n for n, one in enumerate(options) if not one.value), first)
        picked = await choose_or(
            desk.ui, page, options, lambda event: _goods(desk, event), first=first
        )
        if isinstance(picked, Scanned):
            known.goods = picked
            return
        with BackHere():
            await _ASKING[picked](desk, known)
            return


def _options(desk: Desk, known: _Known) -> list[Line]:
    amount = "" if known.amount is None else with_symbol(known.amount, desk.shop.currency)
    return [
        Line(say("flows.fact_amount"), amount),
        Line(say("flows.fact_date"), "" if known.on is None else known.on.isoformat()),
        Line(say("flows.fact_last_four"), known.last_four),
        Line(say("flows.fact_goods"), "" if known.goods is None else _shown(known.goods.text)),
    ]


def _shown(code: str) -> str:
    """The end of a code of goods that says more."""
    return harmless(code)[-MOST_DIGITS:]


def _goods(desk: Desk, event: InputEvent) -> Scanned | None:
    """Goods that were scanned; a receipt, or a card, begins the next search as everywhere."""
    match event:
        case Scanned(text) if not _is_receipt(desk, event):
            return event if text.strip() else None
        case Scanned() | CardArrived():
            next_search(desk)(event)
    return None


def _is_receipt(desk: Desk, scanned: Scanned) -> bool:
    """Whether it is a till's receipt or one of ours, or a person's badge."""
    text = normal(scanned.text)
    if badge_of(text) is not None:
        return True
    sales = desk.ledger.sales
    if sales.by_receipt(text) or sales.by_gift(text):
        return True
    if label(text, scanned.symbology) is not None:
        return False
    code = receipt_code.decode(text)
    ours = (desk.shop.merchant_check, receipt_code.check_of(desk.shop.terminal_id))
    return code is not None and (code.merchant_check, code.terminal_check) == ours


async def _ask_amount(desk: Desk, known: _Known) -> None:
    currency = desk.shop.currency
    lines = (Line(say("flows.ask_amount_of_sale")), Line(say("flows.nothing_takes_out")))
    page = Page("find.amount", say("flows.find"), lines, hint=amount_hint(currency))
    typed = await digits_or(desk.ui, page, money_entry(0, currency), next_search(desk))
    known.amount = int(typed) if typed else None


async def _ask_date(desk: Desk, known: _Known) -> None:
    known.on = await ask_day(desk, "find.sold_on", optional=True)


async def _ask_last_four(desk: Desk, known: _Known) -> None:
    asked = (Line(say("flows.ask_last_four")), Line(say("flows.nothing_takes_out")))
    lines: tuple[Line, ...] = asked
    typed = ""
    while True:
        page = Page("find.last4", say("flows.find"), lines)
        entry = Entry(0, LAST_FOUR)
        typed = await digits_or(desk.ui, page, entry, next_search(desk), first=typed)
        if len(typed) in (0, LAST_FOUR):
            known.last_four = typed
            return
        desk.ui.beep()
        lines = (heading(say("flows.too_short")), *asked)


async def _ask_goods(desk: Desk, known: _Known) -> None:
    lines = (Line(say("flows.ask_goods")), Line(say("flows.nothing_takes_out")))
    page = Page("find.goods", say("flows.find"), lines, hint=say("flows.rrn_hint"))
    entry = Entry(0, MOST_DIGITS)
    code = await digits_or(desk.ui, page, entry, lambda event: _goods(desk, event))
    if isinstance(code, str):
        known.goods = Scanned(code) if code else None
    else:
        known.goods = code


async def _tell_none(desk: Desk) -> None:
    """An empty list is no trouble: another fact may be right, or the next customer's receipt."""
    lines = (Line(say("flows.none_fits")),)
    page = Page("find.list", say("flows.find"), lines, hint=say("ui.enter"))

    def accept(event: InputEvent) -> bool | None:
        if event == KeyPressed(Key.ENTER):
            return True
        next_search(desk)(event)
        return None

    await desk.ui.prompt(page, accept, fresh=True)


_ASKING: Final[tuple[Callable[[Desk, _Known], Awaitable[None]], ...]] = (
    _ask_amount,
    _ask_date,
    _ask_last_four,
    _ask_goods,
)
"""As ``find.by`` numbers them."""
