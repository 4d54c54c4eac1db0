"""Exchanges: what went out is worth what came back, or somebody answers for it (R37)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from hw_sim.bench.sample_sales import SampleSale
from hw_sim.proofs.simulation.invariants.balances import named
from hw_sim.proofs.simulation.invariants.credits import later
from hw_sim.proofs.simulation.site import Site
from pos_terminal.core.exchange import GivenOut
from pos_terminal.core.items import Item
from pos_terminal.core.quantity import SCALE
from pos_terminal.core.refund import Refund, State


def exchanged(site: Site, refunds: Sequence[Refund]) -> Iterator[str]:
    """By what the tills sold: each line the same goods, or others at its price, or approved."""
    even = [one for one in refunds if one.state is State.EXCHANGED]
    if not even:
        return
    sales = [*site.shop.sales, *(one.sample for one, _ in later(site))]
    by_id = {one.sale_id: one for one in sales}
    for refund in sorted(even, key=lambda one: one.refund_id):
        about = f"exchange {refund.refund_id}"
        sale = site.ledger.sales.by_key(refund.sale_key)
        assert sale is not None
        back = {item.line: item for item in named(site, refund)}
        out = {one.line: one for one in site.ledger.exchanges.of_refund(refund.refund_id)}
        if back.keys() != out.keys() or any(out[n].quantity != back[n].quantity for n in out):
            yield f"{about}: {list(out.values())} went out for {list(back.values())}"
            continue
        if refund.amount != sum(item.amount for item in back.values()):
            yield f"{about}: {refund.amount} for {list(back.values())}"
        approved = site.ledger.applications.approvals(refund.application)
        for line, one in out.items():
            if one.price is not None:
                if one.price != back[line].amount or not approved:
                    yield f"{about}: {one} was typed for {back[line]}, approved by {approved}"
            elif _such(one, back[line]) or (sample := by_id.get(sale.sale_id)) is None:
                pass
            elif not _known(sample, one, back[line], sales):
                yield f"{about}: {one} never cost what {back[line]} is worth"


def _such(out: GivenOut, back: Item) -> bool:
    """All that comes back went out in an exchange itself, by this code."""
    return back.quantity == sum(one.quantity for one in back.sorts if one.code == out.code)


def _known(sale: SampleSale, out: GivenOut, back: Item, sales: Sequence[SampleSale]) -> bool:
    """The same goods, or sold since at that price; what an offer made cheaper cost may be any."""
    if out.code == sale.lines[out.line - 1].sku:
        return True
    return any(
        line.sku == out.code and (offer or line.unit_price * out.quantity == back.amount * SCALE)
        for one in sales
        if one.sold_at >= sale.sold_at
        for offer in [sum(line.listed for line in one.lines) != sum(map(abs, _listed(one)))]
        for line in one.lines
    )


def _listed(sale: SampleSale) -> list[int]:
    return [line.listed for line in sale.lines]
