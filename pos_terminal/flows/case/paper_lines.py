"""The papers of a case, as its screen and its record have them: of a recovery slip also whether it
is paid, by which sale, and how old it is (R46); of a payout what for, how, and whether its cash is
owed still (R47a)."""

from __future__ import annotations

from collections.abc import Iterator

from pos_terminal.core.case_paper import PaperKind
from pos_terminal.core.listed import ListedSale
from pos_terminal.core.money import with_symbol
from pos_terminal.core.payout import PayoutState
from pos_terminal.core.sale import SaleState
from pos_terminal.core.voucher import mask
from pos_terminal.core.words import say
from pos_terminal.flows.case.reading import Reading
from pos_terminal.ports import Case, CasePaper
from pos_terminal.texts import render
from pos_terminal.ui.ask import heading
from pos_terminal.ui.page import Line


def number_text(number: int) -> str:
    return f"#{number}"


def paper_lines(desk: Reading, case: Case) -> Iterator[Line]:
    """In the order in which they were made. Payouts among them."""
    for paper in desk.ledger.case_papers.of_case(case.case_id):
        named = render(say(f"remedy.paper_{paper.kind.value}"), desk.ui.language)
        amount = with_symbol(paper.amount, paper.currency)
        at = f"{desk.shop.local(paper.at):%m-%d}"
        yield Line(f"{named} {number_text(paper.number)} {at}", amount)
        if paper.kind is PaperKind.RECOVERY:
            yield from _recovered(desk, paper)
        elif paper.kind is PaperKind.PAYOUT:
            yield from _paid_out(desk, paper)


def paid_amiss(desk: Reading, case: Case) -> Iterator[Line]:
    """Of each recovery slip that sales pay with another sum than it asks for, or that say they did
    before it was printed: above all else, for on a small screen what stands beneath has to be
    looked for."""
    for paper in desk.ledger.case_papers.of_case(case.case_id):
        if paper.kind is not PaperKind.RECOVERY:
            continue
        sales = _that_pay(desk, paper)
        if back := sum(_given_back(desk, sale) for sale in sales):
            yield heading(say("recovery.given_back"), with_symbol(back, paper.currency))
        if sales and (beside := sum(sale.amount for sale in sales) - paper.amount):
            more = f"{'+' if beside > 0 else '-'}{with_symbol(abs(beside), paper.currency)}"
            yield heading(say("recovery.differs"), f"{number_text(paper.number)} {more}")
        if any(sale.sold_at < paper.at.replace(second=0, microsecond=0) for sale in sales):
            yield heading(say("recovery.older"))


def _that_pay(desk: Reading, paper: CasePaper) -> list[ListedSale]:
    """Sales that say so, and are not voided."""
    sales = desk.ledger.sales.by_recovery(desk.shop.remedy_code(paper.number))
    return [sale for sale in sales if sale.state is SaleState.APPROVED]


def unrecovered(desk: Reading, paper: CasePaper) -> int:
    """Of a recovery slip, minor units that no sale that stands has paid, but what of it went back
    since."""
    paid = sum(sale.amount - _given_back(desk, sale) for sale in _that_pay(desk, paper))
    return max(0, paper.amount - paid)


def _given_back(desk: Reading, listed: ListedSale) -> int:
    """Minor units, done or on their way."""
    sale = desk.ledger.sales.by_key(listed.key)
    return 0 if sale is None else sum(one.done + one.held for one in sale.tenders)


def _recovered(desk: Reading, paper: CasePaper) -> Iterator[Line]:
    """By each sale that says it pays this slip, in whatever order both came."""
    sales = desk.ledger.sales.by_recovery(desk.shop.remedy_code(paper.number))
    if not _that_pay(desk, paper):
        days = (desk.clock.now().date() - desk.shop.local(paper.at).date()).days
        yield Line(say("recovery.unpaid"), render(say("recovery.days", n=days), desk.ui.language))
    for sale in sales:
        yield _paid_by(sale)


def _paid_out(desk: Reading, paper: CasePaper) -> Iterator[Line]:
    """What for and how; that its cash is owed still."""
    payout = desk.ledger.payouts.by_number(paper.number)
    if payout is None:
        return
    way = render(say(f"remedy.by_{payout.kind.value}"), desk.ui.language)
    yield Line(say(f"remedy.for_{payout.what.value}"), way)
    if payout.state is PayoutState.TO_HAND_OVER:
        yield heading(say("remedy.owed"))
    voucher = desk.ledger.vouchers.of_payout(payout.payout_id)
    if voucher is not None:
        left = with_symbol(voucher.left, voucher.currency)
        yield Line(say("voucher.number"), mask(voucher.number))
        yield Line(say(f"voucher.state_{voucher.state.value}"), left)


def _paid_by(sale: ListedSale) -> Line:
    said = "paid_by" if sale.state is SaleState.APPROVED else f"sale_{sale.state.value}"
    shown = f"{sale.number} {with_symbol(sale.amount, sale.currency)}"
    return Line(say(f"recovery.{said}"), shown)
