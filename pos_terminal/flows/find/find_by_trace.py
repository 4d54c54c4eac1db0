"""Find the sale by its trace number: current batch first, then older ones by date (R1)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeVar

from pos_terminal.core.exchange_credit import ExchangeCredit
from pos_terminal.core.refund import Refund
from pos_terminal.core.unfit import Unfit
from pos_terminal.core.voucher import Voucher, mask
from pos_terminal.core.words import say
from pos_terminal.flows.common.choose_sale import choose_sale
from pos_terminal.flows.common.desk import Desk
from pos_terminal.flows.common.found import Found
from pos_terminal.flows.common.next_search import next_search
from pos_terminal.flows.common.turned_away import no_sale
from pos_terminal.flows.find.find_by_card import find_by_card
from pos_terminal.flows.find.find_by_rrn import RRN_DIGITS, find_by_rrn
from pos_terminal.flows.find.find_by_scan import find_by_scan
from pos_terminal.ports import Application, CardArrived, Case, InputEvent, Scanned
from pos_terminal.ui.ask import Entry, digits_or, heading
from pos_terminal.ui.page import Line, Page

TRACE_DIGITS: Final = 6
T = TypeVar("T")


async def find_by_trace(desk: Desk, first: str = "") -> Found:
    """``first`` is what was typed at the home screen already.

    Whoever types a reference number there is asked for its date next.
    """
    number = await _ask_number(desk, next_search(desk), first)
    return await _of_number(desk, number)


async def find_by_any(desk: Desk) -> Found:
    """By a number that is typed, a receipt that is scanned, or a card; of a case its sale."""
    found = await find_matter(desk)
    if isinstance(found, Found):
        return found
    return Found(found.sale_key, refund_id=found.refund_id)


async def find_matter(desk: Desk) -> Found | Case:
    """As ``find_by_any``; a case as itself."""

    def hear(event: InputEvent) -> Scanned | CardArrived | None:
        match event:
            case Scanned():
                return event
            case CardArrived(reader) if reader in desk.readers.present():
                return event
            case _:
                return None

    answer: str | Scanned | CardArrived = await _ask_number(desk, hear)
    if isinstance(answer, str):
        return await _of_number(desk, answer)
    if isinstance(answer, CardArrived):
        return await find_by_card(desk, answer.reader)
    found = await find_by_scan(desk, answer.text, answer.symbology)
    match found:
        case Found() | Case():
            return found
        case Refund():
            return Found(found.sale_key, refund_id=found.refund_id)
        case Application() | ExchangeCredit():
            return Found(found.sale_key)
        case Voucher():
            return _of_voucher(desk, found)


def _of_voucher(desk: Desk, voucher: Voucher) -> Found | Case:
    """The sale that was given back by it; the case that it is a payout of."""
    if voucher.payout_id is not None:
        payout = desk.ledger.payouts.by_number(voucher.payout_id)
        case = None if payout is None else desk.ledger.cases.by_id(payout.case_id)
        if case is None:
            raise no_sale(Unfit.UNKNOWN_RECEIPT, mask(voucher.number))
        return case
    refund = None if voucher.refund_id is None else desk.ledger.refunds.by_id(voucher.refund_id)
    if refund is None:
        raise no_sale(Unfit.UNKNOWN_RECEIPT, mask(voucher.number))
    return Found(refund.sale_key, refund_id=refund.refund_id)


async def _of_number(desk: Desk, number: str) -> Found:
    if len(number) == RRN_DIGITS:
        return await find_by_rrn(desk, number)
    return await _of_trace(desk, number.zfill(TRACE_DIGITS))


async def _ask_number(
    desk: Desk, other: Callable[[InputEvent], T | None], first: str = ""
) -> str | T:
    """A trace number or a reference number, or what ``other`` makes of what is no digit."""
    asked = (Line(say("flows.ask_trace")), Line(say("flows.or_rrn")))
    lines: tuple[Line, ...] = asked
    while True:
        page = Page("find.trace", say("flows.find"), lines)
        number = await digits_or(desk.ui, page, Entry(1, RRN_DIGITS), other, first=first)
        if not isinstance(number, str) or len(number) <= TRACE_DIGITS:
            return number
        if len(number) == RRN_DIGITS:
            return number
        desk.ui.beep()
        first, lines = number, (heading(say("flows.neither_number")), *asked)


async def _of_trace(desk: Desk, trace: str) -> Found:
    sales = desk.ledger.sales.by_trace(trace)
    if not sales:
        raise no_sale(Unfit.NO_SALE, trace)
    return await choose_sale(desk, sales)
