"""Something went wrong: which sale, which refund of it, and what (R45, R76)."""

from __future__ import annotations

from collections.abc import Sequence

from pos_terminal.core.case import MISTAKES
from pos_terminal.core.money import with_symbol
from pos_terminal.core.refund import SERVED, Refund
from pos_terminal.core.sale import Sale
from pos_terminal.core.words import say
from pos_terminal.flows.case.see_cases import see_case
from pos_terminal.flows.common.desk import Desk
from pos_terminal.flows.common.found import Found
from pos_terminal.flows.common.steps import BackHere
from pos_terminal.flows.common.went_wrong import WentWrong
from pos_terminal.ui.ask import choose, decide, heading, tell
from pos_terminal.ui.page import Line, Page


async def open_case_of_sale(desk: Desk, found: Found) -> None:
    """From the list of the sale's screen."""
    sale = desk.ledger.sales.by_key(found.sale_key)
    if sale is not None:
        await _open(desk, sale, await _which_refund(desk, sale))


async def open_case(desk: Desk, wrong: WentWrong) -> None:
    """Of this refund. It is in nobody's hands but the case's from then on."""
    refund = desk.ledger.refunds.by_id(wrong.refund_id)
    sale = None if refund is None else desk.ledger.sales.by_key(refund.sale_key)
    if refund is not None and sale is not None:
        await _open(desk, sale, refund)


async def _which_refund(desk: Desk, sale: Sale) -> Refund | None:
    """The one of which something went back; None where none did: it is about the sale itself."""
    refunds = [one for one in desk.ledger.refunds.of_sale(sale.key) if one.state in SERVED]
    if len(refunds) < 2:
        return refunds[0] if refunds else None
    page = Page("case.refund", say("cases.which_refund"), (Line(sale.when, sale.name),))
    return refunds[await choose(desk.ui, page, [_refund_line(desk, one) for one in refunds])]


def _refund_line(desk: Desk, refund: Refund) -> Line:
    at = f"{desk.shop.local(refund.sealed_at):%m-%d %H:%M}"
    return Line(f"{at} {refund.masked or ''}", with_symbol(refund.done, refund.currency))


async def _open(desk: Desk, sale: Sale, refund: Refund | None) -> None:
    kinds = MISTAKES
    page = Page("case.kind", say("cases.which_kind"), tuple(_about(desk, sale, refund)))
    options = [Line(say(f"cases.kind_{kind.value}")) for kind in kinds]
    kind = kinds[await decide(desk.ui, page, options)]
    clerk = desk.clerk.number
    if refund is None:
        number = await desk.ledger.cases.open_of_sale(sale.key, kind, clerk, lambda _: ())
    else:
        number = await desk.ledger.cases.open(refund.refund_id, kind, clerk)
    opened = say("flows.case_opened", number=number)
    await tell(desk.ui, "case.opened", say("cases.title"), opened, alert=False)
    case = desk.ledger.cases.by_id(number)
    if case is not None:
        with BackHere():  # it is opened, whatever is done about it now
            await see_case(desk, case)


def _about(desk: Desk, sale: Sale, refund: Refund | None) -> Sequence[Line]:
    of_refund = () if refund is None else (_refund_line(desk, refund),)
    return (heading(sale.when, sale.name), *of_refund)
