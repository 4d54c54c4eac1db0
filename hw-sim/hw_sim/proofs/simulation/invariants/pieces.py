"""Goods that came back: each piece once, no more than was sold, none that the shop keeps out
(R11, R14, R72)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import NamedTuple

from hw_sim.bench.sample_sales import SampleLine
from hw_sim.proofs.simulation.invariants.balances import named
from hw_sim.proofs.simulation.invariants.credits import later
from hw_sim.proofs.simulation.site import Site
from hw_sim.proofs.simulation.stock_book import NEVER_CAME
from pos_terminal.core.items import Item
from pos_terminal.core.quantity import SCALE
from pos_terminal.core.refund import GOODS_BACK, HOLDING, Kind, Refund
from pos_terminal.core.sorts import name_back

_DEFECT = "1"
"""The code of that reason, in a shop with the reasons that are there without any."""
_NOTHING_CAME = ("3", "5")
"""Not received, charged by mistake: likewise."""
_MOST = 10_000
_NEVER_CAME = """SELECT s.sale_id, i.line, i.quantity FROM refunds r
    JOIN application_items i USING (application) JOIN sales s ON s.sale_key = i.sale_key
    WHERE r.state = 'exchanged' AND i.disposition IS NULL"""

Lines = Mapping[str, Sequence[SampleLine]]
"""As the tills told them, by their sales."""


def pieces(site: Site, refunds: Sequence[Refund]) -> Iterator[str]:
    """By what the tills sold: numbers of pieces in refunds, and what stock has of each line."""
    sold: Lines = {
        one.sale_id: one.lines
        for one in [*site.shop.sales, *(later_.sample for later_, _ in later(site))]
    }
    back: defaultdict[tuple[int, str], list[_Came]] = defaultdict(list)
    out = Counter(
        (refund.sale_key, serial)
        for refund in refunds
        for one in site.ledger.exchanges.of_refund(refund.refund_id)
        for serial in one.serials
    )
    for refund in sorted(refunds, key=lambda one: one.refund_id):
        if refund.state not in HOLDING | GOODS_BACK:
            continue
        sale = site.ledger.sales.by_key(refund.sale_key)
        assert sale is not None  # its refund has its key
        of_sale = sold.get(sale.sale_id, ())
        approved = bool(site.ledger.applications.approvals(refund.application))
        for item in named(site, refund) if of_sale else ():
            line, came = of_sale[item.line - 1], () if item.looked is None else item.looked.serials
            for one in came:
                called = name_back(sale.line(item.line), item.quantity, item.sorts)
                never = _absent(site, refund, called, item)
                back[refund.sale_key, one].append(_Came(approved, never))
            about = f"refund {refund.refund_id}, {line.name}:"
            exchanged = {serial for key, serial in out if key == refund.sale_key}
            seen = () if item.looked is None or item.looked.disposition is None else came
            if not approved and not _those_sold(line, item, seen, exchanged):
                yield f"{about} {seen} came back, and nobody approved it"
            went = [
                one
                for one in site.ledger.exchanges.of_refund(refund.refund_id)
                if one.line == item.line and len(one.serials) * SCALE < one.quantity
            ]
            if went and line.told.get("serials") and not approved:
                yield f"{about} a piece went out unread, and nobody approved it"
            if _kept_out(site, line) and not (approved and _may(site, refund, item)):
                yield f"{about} such goods don't come back"
    for piece, times in back.items():
        more = len(times) - 1 - out[piece]
        if more > sum(each.absent for each in times):
            yield f"piece {piece[1]} came back {len(times)} times"
        elif more > sum(each.approved for each in times[1:]):
            yield f"piece {piece[1]} was paid for {len(times)} times, and nobody approved it"
    yield from _too_many(site, sold)


class _Came(NamedTuple):
    """A piece with its number, once."""

    approved: bool
    absent: bool
    """Somebody said, then or since, that it had not come."""


def _absent(site: Site, refund: Refund, name: str, item: Item) -> bool:
    """Of what had not come at first, where nobody found it since."""
    said = [one for one in site.corrected if (one.refund, one.name) == (refund.refund_id, name)]
    never = item.looked is not None and item.looked.disposition is None
    return (never and not said) or any(one.condition == NEVER_CAME for one in said)


def _those_sold(
    line: SampleLine, item: Item, came: Sequence[str], exchanged: Collection[str]
) -> bool:
    """Each of them, where the till told their numbers, or one that went out for one of them."""
    numbers = line.told.get("serials", ())
    told = {*numbers, *exchanged}
    return not numbers or (len(came) * SCALE >= item.quantity and {*came} <= told)


def _kept_out(site: Site, line: SampleLine) -> bool:
    """By the till, or by the shop's own list."""
    listed = site.setting.rules.get("returnable", {})
    return (
        not line.told.get("returnable", True)
        or line.category in listed.get("categories", ())
        or line.sku in listed.get("skus", ())
    )


def _may(site: Site, refund: Refund, item: Item) -> bool:
    """With somebody's yes: the sale taken back as if it had not been, for a defect, or because by
    the reason nothing came."""
    own = site.application(refund.application).reason
    looked = item.looked
    reason = own if looked is None else looked.reason or own
    never = looked is not None and looked.disposition is None and reason in _NOTHING_CAME
    return refund.kind is Kind.VOID or _DEFECT in (own, reason) or never


def _never_came(site: Site) -> Iterator[tuple[str, int]]:
    """The line of each piece for which another went out from a case, and nothing came in."""
    for name, line, thousandths in site.ledger.db.execute(_NEVER_CAME):
        yield from [(name, line)] * thousandths


def _too_many(site: Site, sold: Lines) -> Iterator[str]:
    """What moved of a line, exchanges evened out, is between nothing and what was sold; less than
    nothing by what went out for pieces that never came."""
    shelf: Counter[tuple[str, int]] = Counter(_never_came(site))
    for one in site.ledger.stock.after(0, _MOST):
        if one.line is not None and one.sale_id in sold:
            shelf[one.sale_id, one.line] += one.quantity
    for (name, number), quantity in shelf.items():
        most = sold[name][number - 1].thousandths
        if not 0 <= quantity <= most:
            yield f"{name}, line {number}: {quantity} came into stock of {most} sold"
