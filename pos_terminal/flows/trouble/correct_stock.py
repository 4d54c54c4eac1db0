"""A supervisor corrects how goods of a refund were booked: countered and booked anew (R48)."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Final

from pos_terminal.core.looked import NOBODY_LOOKED, Looked, Sort
from pos_terminal.core.quantity import format_quantity
from pos_terminal.core.refund import Kind
from pos_terminal.core.rules.serial import objection
from pos_terminal.core.sale import Sale, SaleLine
from pos_terminal.core.serials import has_serials, pieces
from pos_terminal.core.sorts import name_back
from pos_terminal.core.words import Failure, say
from pos_terminal.flows.common.ask_serial import ask_serials
from pos_terminal.flows.common.ask_supervisor import ask_one
from pos_terminal.flows.common.confirm_clock import confirm_clock
from pos_terminal.flows.common.desk import Desk
from pos_terminal.flows.common.found_goods import found_line
from pos_terminal.flows.common.slips_of_code import slips_of_code
from pos_terminal.ports import InputEvent, Movement, Scanned
from pos_terminal.ports.records import Correction
from pos_terminal.texts.domain import of_objection
from pos_terminal.ui.ask import Entry, Remark, choose, decide, digits_or, heading, tell
from pos_terminal.ui.page import Line, Page

TITLE = say("stock.title")
MOST_DIGITS = 9
_NONE: Final = Looked(disposition=None)
"""None came back."""


async def correct_stock(desk: Desk, number: int | None = None) -> None:
    """Which refund, unless the ``number`` of its ticket is known; which line, how it is right, one
    supervisor, one commit. No money moves.

    Failure ``stock.none_of`` where no goods moved with it, ``stock.as_it_is``.
    """
    booked, absent = await _booked(desk, number)
    lines = [list(of) for _, of in groupby(booked, _of_line)]
    options = [Line(_name(desk, of), _quantity(of)) for of in lines]
    page = Page("stock.line", TITLE)
    wrong = lines[await choose(desk.ui, page, options)]
    goods = Line(_name(desk, wrong), _quantity(wrong))
    came = wrong[0] not in absent
    where = _where(desk, wrong) if came else (found_line(desk, _NONE),)
    about = (goods, Line(say("stock.now")), *where)
    right = await _right(desk, wrong if came else (), about)
    await confirm_clock(desk)
    desk.must_know_the_time()
    read: Sequence[str] = ()
    if not came and right.disposition is not None:
        serials, against = await _serials(desk, wrong)
        read, about = serials, (*about, *against)
    what = (*about, Line(say("stock.right")), found_line(desk, right))
    supervisor = await ask_one(desk, what, {desk.clerk.number})
    await desk.ledger.stock.correct(
        Correction(
            refund_id=wrong[0].refund_id,
            line=wrong[0].line or 0,
            condition=right.condition,
            disposition=right.disposition,
            operator=desk.clerk.number,
            supervisor=supervisor.number,
            serials=tuple(read),
        )
    )
    told = (say("stock.corrected"), goods, found_line(desk, right))
    await tell(desk.ui, "stock.corrected", TITLE, *told, alert=False)


async def _serials(
    desk: Desk, missing: Sequence[Movement]
) -> tuple[Sequence[str], tuple[Line, ...]]:
    """Of the pieces that came after all those whose numbers nobody said before, or are back by
    another refund; and what is against each, for the supervisor."""
    sale = desk.ledger.sales.by_key(missing[0].sale_key)
    line = None if sale is None else _line_of(sale, missing)
    if sale is None or line is None or not has_serials(line):
        return (), ()
    known = desk.ledger.refunds.pieces_back(sale.key)
    kept = [one.serial for one in missing if one.serial and one.serial not in known.back]
    count = pieces(sum(one.quantity for one in missing)) - len(kept)
    read = await ask_serials(desk, sale, line, count, kept) if count else ()
    all_of_them = (*kept, *read)
    found = [objection(line, one, all_of_them, known) for one in read]
    against = [heading(of_objection(why, told)) for why, told in found if why is not None]
    unread = count - len(read)
    return read, (
        *(Line(say("goods.serial"), one) for one in all_of_them),
        *((heading(say("goods.serial_unread", count=unread)),) if unread else ()),
        *against,
    )


async def _right(desk: Desk, wrong: Sequence[Movement], about: tuple[Line, ...]) -> Looked:
    """Another condition than all of it is booked in; nothing is ``wrong`` where it was said that
    none came back, and some did."""
    found = [Looked("", one.code, one.disposition) for one in desk.shop.conditions]
    if wrong and _may_be_absent(desk, wrong):
        found.append(_NONE)
    booked = {(one.condition, one.disposition) for one in wrong}
    against: tuple[Line, ...] = ()
    while True:
        page = Page("stock.correct", TITLE, (*against, *about), hint=say("ui.by_digit"))
        right = found[await decide(desk.ui, page, [found_line(desk, one) for one in found])]
        if booked != {(right.condition, right.disposition)}:
            return right
        desk.ui.beep()
        against = (heading(say("stock.as_it_is")),)


async def _booked(desk: Desk, number: int | None) -> tuple[Sequence[Movement], Sequence[Movement]]:
    """Goods of the ticket whose slip is scanned, or whose number is typed from it; and which of
    them somebody said since never to have come."""

    def other(event: InputEvent) -> int | Remark | None:
        if not isinstance(event, Scanned):
            return None
        slips = slips_of_code(desk, event.text)
        return Remark(say("stock.no_slip")) if slips is None else slips[0].slip.head.application

    if number is None:
        page = Page("stock.slip", TITLE, (Line(say("stock.scan_slip")),))
        number = int(await digits_or(desk.ui, page, Entry(1, MOST_DIGITS), other))
    application = desk.ledger.applications.by_number(number)
    stock, ticket = desk.ledger.stock, 0 if application is None else application.ticket
    absent = stock.absent(ticket)
    booked = [*stock.where(ticket), *absent]
    if not booked:
        raise Failure("stock.none_of", number=number)
    return sorted(booked, key=lambda one: (*_of_line(one), one.n)), absent


def _of_line(one: Movement) -> tuple[int, int]:
    return one.refund_id, one.line or 0


def _may_be_absent(desk: Desk, of_line: Sequence[Movement]) -> bool:
    """Other goods went out for what came in an exchange, or the till has sold them."""
    refund = desk.ledger.refunds.by_id(of_line[0].refund_id)
    return refund is not None and refund.kind not in (Kind.EXCHANGE, Kind.EXCHANGE_CREDIT)


def _name(desk: Desk, of_line: Sequence[Movement]) -> str:
    """Of goods that had gone out in an exchange their own."""
    sale = desk.ledger.sales.by_key(of_line[0].sale_key)
    line = None if sale is None else _line_of(sale, of_line)
    if line is None:
        return of_line[0].sku
    out = {one.sort for one in line.went_out}
    sorts = [
        Sort(one.sku, one.barcode, one.quantity) for one in of_line if (one.sku, one.barcode) in out
    ]
    return name_back(line, sum(one.quantity for one in of_line), sorts)


def _line_of(sale: Sale, of_line: Sequence[Movement]) -> SaleLine | None:
    return next((one for one in sale.lines if one.line == of_line[0].line), None)


def _quantity(of_line: Sequence[Movement]) -> str:
    return f"×{format_quantity(sum(one.quantity for one in of_line))}"


def _where(desk: Desk, of_line: Sequence[Movement]) -> tuple[Line, ...]:
    """How it is booked now."""
    booked = {(one.condition, one.disposition) for one in of_line}
    looked = [
        Looked("", condition, disposition or NOBODY_LOOKED.disposition)
        for condition, disposition in sorted(booked)
    ]
    return tuple(found_line(desk, one) for one in looked)
