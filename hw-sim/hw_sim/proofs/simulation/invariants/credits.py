"""Sales that another till told of: vouchers, points and gifts go back as such, and once (R37)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

from hw_sim.proofs.simulation.invariants.balances import Sold, balances, goods
from hw_sim.proofs.simulation.invariants.worth import worth
from hw_sim.proofs.simulation.later_sale import CreditBook, LaterSale
from hw_sim.proofs.simulation.site import Site
from pos_terminal.core.refund import Kind
from pos_terminal.core.voucher import mask

_GOES: Final = {"points": Kind.POINTS, "voucher": Kind.CREDIT, "exchange": Kind.EXCHANGE_BACK}
"""What a leg is given back as, whatever was asked."""
_ANY: Final = (Kind.MANUAL, Kind.EXCHANGE, Kind.EXCHANGE_CREDIT)
"""By a form to whatever it says, to a till for other goods, or no money at all."""
_APPLIED: Final = """SELECT number, kind, (SELECT count(*) FROM approvals p
    WHERE p.application = number) AS approvals FROM applications JOIN sales USING (sale_key)
    WHERE sale_id = ? AND number BETWEEN ? AND ? AND number IN (SELECT application FROM refunds)"""
_TAKEN: Final = "SELECT number, redeemed, amount FROM vouchers"


def later(site: Site) -> list[tuple[LaterSale, Sold]]:
    """Those that the ledger has."""
    book = site.credits
    found = []
    for one in () if book is None else book.told:
        sale = site.sale(one.sample.sale_id)
        found.append((one, Sold(one.sample, sale, site.ledger.refunds.of_sale(sale.key))))
    return found


def credits_(site: Site) -> Iterator[str]:
    """Where there is such a till."""
    book = site.credits
    if book is None:
        return
    book.fetch_points(site.ledger)
    sales = later(site)
    only = [sold for _, sold in sales]
    yield from balances(site, only)
    yield from goods(site, only)
    yield from worth(site, only)
    for one, sold in sales:
        yield from _same_tender(site, one, sold)
    yield from _points(book, only)
    yield from _redeemed(site, book)
    yield from _paid_by_ours(site, sales)
    yield from _gifts(site, book)


def _same_tender(site: Site, one: LaterSale, sold: Sold) -> Iterator[str]:
    """A voucher goes back as a new one that names it, points as points."""
    for refund in sold.refunds:
        paid = one.sample.tenders[refund.leg - 1].kind
        about = f"refund {refund.refund_id} of {paid}"
        if refund.kind not in _ANY and refund.kind is not _GOES.get(paid, refund.kind):
            gift = one.gift and refund.kind is Kind.CREDIT
            if not gift:
                yield f"{about} went back as {refund.kind}"
        if paid != "voucher" or refund.kind is not Kind.CREDIT:
            continue
        voucher = site.ledger.vouchers.of_refund(refund.refund_id)
        if voucher is None or voucher.paid_by != mask(one.voucher):
            yield f"{about} {mask(one.voucher)}: its voucher names {voucher and voucher.paid_by}"


def _points(book: CreditBook, sales: list[Sold]) -> Iterator[str]:
    """Each refund in points has one movement, which the till fetched as it is and keeps; of each
    leg no more of them than paid it."""
    own = {
        one.refund_id: (one.done, sold.sale.sale_id, one.leg)
        for sold in sales
        for one in sold.refunds
        if one.kind is Kind.POINTS
    }
    fetched = {one.refund_id: (one.amount, one.sale_id, one.leg) for one in book.points.values()}
    if own != fetched or len(book.points) != len(own):
        yield f"the till fetched points {fetched}, the refunds say {own}"
    of_leg: Counter[tuple[str, int]] = Counter()
    for one in book.points.values():
        of_leg[one.sale_id, one.leg] += one.amount
    for sold in sales:
        for leg, tender in enumerate(sold.sample.tenders, 1):
            if of_leg[sold.sample.sale_id, leg] > tender.amount * (tender.kind == "points"):
                yield f"{sold.sample.sale_id}, leg {leg}: {of_leg} in points of {tender.amount}"


def _redeemed(site: Site, book: CreditBook) -> Iterator[str]:
    """What a till was told to have taken was taken, and no voucher gave more than it is worth."""
    rows = {row["number"]: row for row in site.ledger.db.execute(_TAKEN)}
    for number, taken in book.taken.items():
        row = rows.get(number)
        if row is None or not taken <= row["redeemed"] <= row["amount"]:
            had = None if row is None else (row["redeemed"], row["amount"])
            yield f"{mask(number)}: the till took {taken}, the ledger has {had}"


def _paid_by_ours(site: Site, sales: Sequence[tuple[LaterSale, Sold]]) -> Iterator[str]:
    """Of what the till says one of our vouchers paid no more goes back than was redeemed of it."""
    redeemed = {row["number"]: row["redeemed"] for row in site.ledger.db.execute(_TAKEN)}
    back: Counter[str] = Counter()
    for one, sold in sales:
        for refund in sold.refunds:
            if one.voucher and one.sample.tenders[refund.leg - 1].kind == "voucher":
                back[one.voucher] += refund.done
    for number in back.keys() & redeemed.keys():
        if back[number] > redeemed[number]:
            yield f"{mask(number)}: {back[number]} came back of {redeemed[number]} redeemed"


def _gifts(site: Site, book: CreditBook) -> Iterator[str]:
    """To who holds the gift as store credit, to who paid with a supervisor's word."""
    for gift in book.gifts:
        last = gift.first - 1 if gift.last is None else gift.last
        for row in site.ledger.db.execute(_APPLIED, (gift.sale_id, gift.first, last)):
            about = f"application {row['number']} for a gift"
            to_holder = row["kind"] in (Kind.CREDIT, Kind.POINTS)
            if gift.buyer is False and not to_holder:
                yield f"{about} goes back as {row['kind']}"
            elif (gift.buyer or not to_holder) and not row["approvals"]:
                yield f"{about} goes to who paid, and nobody said so"
