"""Something went wrong: which sale, which refund of it, what, and who found it (R45, R76)."""

from __future__ import annotations

from collections.abc import Sequence

from pos_terminal.core.case import COMPLAINED, MISTAKES, CaseKind, FoundBy
from pos_terminal.core.money import with_symbol
from pos_terminal.core.refund import PAID, SERVED, Refund
from pos_terminal.core.sale import Sale
from pos_terminal.core.words import say
from pos_terminal.flows.case.case_facts import name_of_case
from pos_terminal.flows.case.see_cases import see_case
from pos_terminal.flows.common.desk import Desk
from pos_terminal.flows.common.found import Found
from pos_terminal.flows.common.menu_key import menu_key
from pos_terminal.flows.common.slips_on_the_way import slips_of_case, tell_with_slips
from pos_terminal.flows.common.steps import BackHere
from pos_terminal.flows.common.went_wrong import WentWrong
from pos_terminal.ports import Case, CaseSlips
from pos_terminal.texts import render
from pos_terminal.ui.ask import choose, choose_or, heading, tell
from pos_terminal.ui.page import Line, Page
from pos_terminal.wire.receipt.slip import Slip


async def open_case_of_any(desk: Desk, found: Found | Case) -> None:
    """Whose slip was scanned, or number typed: a case's own leads to that case."""
    if isinstance(found, Case):
        await see_case(desk, found)
    else:
        await open_case_of_sale(desk, found)


async def open_case_of_sale(desk: Desk, found: Found) -> None:
    """From the list of the sale's screen."""
    sale = desk.ledger.sales.by_key(found.sale_key)
    if sale is not None:
        refund = await _which_refund(desk, sale, found)
        await _open(desk, sale, refund, FoundBy.CUSTOMER, by_gift=found.by_gift)


async def open_case(desk: Desk, wrong: WentWrong) -> None:
    """Of this refund. It is in nobody's hands but the case's from then on."""
    refund = desk.ledger.refunds.by_id(wrong.refund_id)
    sale = None if refund is None else desk.ledger.sales.by_key(refund.sale_key)
    if refund is not None and sale is not None:
        await _open(desk, sale, refund, FoundBy.SHOP)


async def _which_refund(desk: Desk, sale: Sale, found: Found) -> Refund | None:
    """The one whose slip was scanned; else the one of which something went back; None where none
    did: it is about the sale itself."""
    if found.refund_id is not None:
        return desk.ledger.refunds.by_id(found.refund_id)
    refunds = [one for one in desk.ledger.refunds.of_sale(sale.key) if one.state in SERVED | PAID]
    if len(refunds) < 2:
        return refunds[0] if refunds else None
    page = Page("case.refund", say("cases.which_refund"), (Line(sale.when, sale.name),))
    return refunds[await choose(desk.ui, page, [_refund_line(desk, one) for one in refunds])]


def _refund_line(desk: Desk, refund: Refund) -> Line:
    at = f"{desk.shop.local(refund.sealed_at):%m-%d %H:%M}"
    return Line(f"{at} {refund.masked or ''}", with_symbol(refund.done, refund.currency))


async def _open(
    desk: Desk, sale: Sale, refund: Refund | None, found_by: FoundBy, *, by_gift: bool = False
) -> None:
    of = None if refund is None else refund.refund_id
    there = [one for one in desk.ledger.cases.open_about(sale.key) if one.refund_id == of]
    kind, found_by = await _ask_kind(desk, _about(desk, sale, refund, there), found_by)
    known = next((one for one in there if one.kind is kind), None)
    if known is None:
        clerk = desk.clerk.number
        slips: CaseSlips = _no_slips
        if kind is CaseKind.COMPLAINT:
            slips = desk.papers().complaint(sale, refund, clerk, by_gift=by_gift)
        cases = desk.ledger.cases
        if refund is None:
            number = await cases.open_of_sale(sale.key, kind, clerk, slips, found_by=found_by)
        else:
            number = await cases.open(refund.refund_id, kind, clerk, slips, found_by=found_by)
        await _tell_opened(desk, number, kind)
    else:
        number = known.case_id
        said = say("cases.known", number=number)
        await tell(desk.ui, "case.opened", say("cases.title"), said, alert=False)
    case = desk.ledger.cases.by_id(number)
    if case is not None:
        with BackHere():  # it is opened, whatever is done about it now
            await see_case(desk, case)


async def _tell_opened(desk: Desk, number: int, kind: CaseKind) -> None:
    title, opened = say("cases.title"), say("flows.case_opened", number=number)
    if kind is not CaseKind.COMPLAINT:
        await tell(desk.ui, "case.opened", title, opened, alert=False)
        return
    slips, give = await slips_of_case(desk, number, title), say("cases.give_slip")
    await tell_with_slips(desk, "case.opened", title, opened, give, slips=slips)


def _no_slips(_: int) -> Sequence[Slip]:
    return ()


async def _ask_kind(
    desk: Desk, about: Sequence[Line], found_by: FoundBy
) -> tuple[CaseKind, FoundBy]:
    """The menu key names somebody else who found it; what customers come with they found."""
    finders, fresh = list(FoundBy), True
    options = [Line(say(f"cases.kind_{kind.value}")) for kind in MISTAKES]
    while True:
        who = render(say(f"cases.found_{found_by.value}"), desk.ui.language)
        lines, hint = (*about, Line(say("cases.found_by"), who)), say("cases.kind_hint")
        page = Page("case.kind", say("cases.which_kind"), lines, hint=hint)
        picked = await choose_or(desk.ui, page, options, menu_key, first=None, fresh=fresh)
        if isinstance(picked, int):
            kind = MISTAKES[picked]
            return kind, FoundBy.CUSTOMER if kind in COMPLAINED else found_by
        fresh = False
        found_by = finders[(finders.index(found_by) + 1) % len(finders)]


def _about(desk: Desk, sale: Sale, refund: Refund | None, there: Sequence[Case]) -> Sequence[Line]:
    """With the cases of it that are open."""
    of_refund = () if refund is None else (_refund_line(desk, refund),)
    known = [Line(name_of_case(one), str(one.case_id)) for one in there]
    open_already = (heading(say("cases.open_already")), *known) if known else ()
    return (heading(sale.when, sale.name), *of_refund, *open_already)
