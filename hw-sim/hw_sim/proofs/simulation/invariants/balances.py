"""Money and goods of each sale are the sums of what its refunds say, and never too much."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, NamedTuple

from hw_sim.bench.sample_sales import SampleSale
from hw_sim.proofs.simulation.invariants.opened import opened
from hw_sim.proofs.simulation.site import Site
from pos_terminal.core.items import Item
from pos_terminal.core.refund import AS_CREDIT, HOLDING, SPENT, Refund, State
from pos_terminal.core.sale import Sale

_ELSEWHERE: Final = """SELECT (SELECT coalesce(sum(counted), 0) FROM feed_events
    JOIN sales USING (sale_id) WHERE sale_key = :sale_key AND leg = :leg)
    + (SELECT coalesce(sum(counted), 0) FROM closings JOIN cases USING (case_id)
    WHERE sale_key = :sale_key AND kind = 'elsewhere' AND facts ->> 'leg' = :leg)
    - (SELECT coalesce(sum(c.counted), 0) FROM refunds r JOIN cases k
    ON k.told = 'asked/' || r.refund_id AND k.kind = 'elsewhere' JOIN closings c USING (case_id)
    WHERE r.sale_key = :sale_key AND r.leg = :leg)"""
"""Less what people said went back of another payment, whose reference was typed for this one."""

_NO_ROOM: Final = """SELECT coalesce(sum(iif(one_payment, 0, over) - counted), 0) FROM closings
    JOIN cases USING (case_id) WHERE over > 0 AND refund_id IN (SELECT value FROM json_each(?))"""


class Sold(NamedTuple):
    """A sale as the till has it, as the ledger has it, and its refunds."""

    sample: SampleSale
    sale: Sale
    refunds: Sequence[Refund]


def sold(site: Site) -> list[Sold]:
    """Each of the shop's sales: all of them were imported. They are read once for all who look."""
    found = [(sample, site.sale(sample.sale_id)) for sample in site.shop.sales]
    return [Sold(*both, site.ledger.refunds.of_sale(both[1].key)) for both in found]


def balances(site: Site, sales: Iterable[Sold]) -> Iterator[str]:
    """R11: done and held never exceed the leg, and are the sums of its refunds."""
    again = opened(site)
    for _, sale, refunds in sales:
        for tender in sale.tenders:
            own = [one for one in refunds if one.leg == tender.leg]
            held = sum(one.amount - one.done for one in own if one.state in HOLDING)
            done = sum(one.done for one in own if one.state is not State.OVERPAID)
            done += sum(_counted(site, one) for one in own)
            done += counted_elsewhere(site, sale.key, tender.leg)
            done -= sum(again.get(one.refund_id, 0) for one in own)
            back = sum(site.came_back.get(one.refund_id, 0) for one in own)
            # what comes back pays first what closed cases found no room for
            done -= back - min(back, _no_room(site, own) if back else 0)
            if tender.held != held or tender.done != done:
                yield f"{sale.sale_id}: held {tender.held}, open refunds {held}"
            if tender.held + tender.done > tender.amount:
                yield f"{sale.sale_id}: {tender.held} + {tender.done} of {tender.amount}"


def _counted(site: Site, refund: Refund) -> int:
    """What of an overpayment was counted into its sale when its case was closed."""
    row = site.ledger.db.execute(
        "SELECT sum(counted) FROM closings JOIN cases USING (case_id) WHERE refund_id = ?",
        (refund.refund_id,),
    ).fetchone()
    return int(row[0] or 0)


def _no_room(site: Site, own: Iterable[Refund]) -> int:
    """What closed cases say was paid beside the balance, less what was counted in."""
    numbers = json.dumps([one.refund_id for one in own])
    return int(site.ledger.db.execute(_NO_ROOM, (numbers,)).fetchone()[0])


def counted_elsewhere(site: Site, sale_key: int, leg: int) -> int:
    """The same of what closed cases found no room for, once a larger total had it."""
    row = site.ledger.db.execute(_ELSEWHERE, {"sale_key": sale_key, "leg": leg}).fetchone()
    return int(row[0])


def goods(site: Site, sales: Iterable[Sold]) -> Iterator[str]:
    """R11, R14: of each line, returned and held never exceed what was sold.

    They are the sums of what its refunds name. What came back for an exchange credit is here,
    whatever the till takes.
    """
    for _, sale, refunds in sales:
        held: Counter[int] = Counter()
        returned: Counter[int] = Counter()
        for refund in refunds:
            for item in named(site, refund):
                held[item.line] += item.quantity * (refund.state in HOLDING - AS_CREDIT)
                returned[item.line] += item.quantity * (
                    refund.state in SPENT | AS_CREDIT | {State.RETURNED}
                )
        for line in sale.lines:
            about = f"{sale.sale_id}, line {line.line}: goods"
            if (line.held, line.returned) != (held[line.line], returned[line.line]):
                yield f"{about} held {line.held}, by its refunds {held[line.line]}"
            if line.held + line.returned > line.quantity:
                yield f"{about} {line.held} + {line.returned} of {line.quantity}"


def named(site: Site, refund: Refund) -> tuple[Item, ...]:
    application = site.ledger.applications.by_number(refund.application)
    assert application is not None  # every refund has one
    return application.items
