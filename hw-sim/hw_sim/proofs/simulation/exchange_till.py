"""What the shop sells besides: of each of its goods others of the same price, for exchanges."""

from __future__ import annotations

import asyncio
from typing import Final

from hw_sim.bench.sample_sales import SampleLine, SampleTender
from hw_sim.proofs.simulation.credit_till import CreditTill
from hw_sim.proofs.simulation.shop import SimShop

DAYS: Final = 0.3
"""Of the days: with customers who want other goods in return."""
_AGAIN: Final = 20.0
"""Seconds after which a sale that was not taken is told again."""


def twin_of(sku: str) -> str:
    """Other goods at the same price; too short for the number of a card."""
    return f"88{sku[-6:]}"


def twins(shop: SimShop) -> tuple[SampleLine, ...]:
    """One of each, as somebody bought them an hour ago."""
    goods = {
        line.sku: line.unit_price
        for sale in shop.sales
        for line in sale.lines
        if line.kind == "goods"
    }
    return tuple(
        SampleLine(twin_of(sku), f"Twin {sku[-3:]}", 1, price, "")
        for sku, price in sorted(goods.items())
    )


async def tell_twins(till: CreditTill, shop: SimShop) -> None:
    """From then on the terminal knows what they cost."""
    lines = twins(shop)
    cash = SampleTender("cash", sum(line.listed for line in lines))
    sold = till.sell("cash", [cash], lines=lines)
    while sold not in till.book.told:
        await till.tell()
        await asyncio.sleep(_AGAIN)
