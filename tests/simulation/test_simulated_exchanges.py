"""Exchanges of simulated days: what would be noticed that is not even, and nothing else (R37)."""

from __future__ import annotations

from unittest.mock import patch

from hw_sim.proofs.simulation.clerk import SimClerk
from hw_sim.proofs.simulation.exchange_till import twin_of, twins
from hw_sim.proofs.simulation.invariants import violations
from hw_sim.proofs.simulation.shop import the_shop
from msgspec.structs import replace
from worlds.counter import logged_in

from pos_terminal.core.blind import SoldBefore
from pos_terminal.flows.refund import exchange
from pos_terminal.services.ledger.books.sales.reads import SaleReads

SALE = "visa-older"
"""One charger, 129.00."""


async def to_what_goes_out(clerk: SimClerk) -> str:
    """The code of the goods that come back."""
    sale = clerk.site.shop.sale(SALE)
    await clerk.find(sale)
    await clerk.at("sale: menu", "sale.more: 5", "refund.reason: 4", "goods.scan")
    return sale.lines[0].sku


async def approved(clerk: SimClerk) -> None:
    await clerk.approve()
    await clerk.at("result: enter")
    await clerk.home()


@logged_in()
async def test_the_same_goods_and_a_price_that_was_approved_are_even(clerk: SimClerk) -> None:
    clerk.scan(await to_what_goes_out(clerk))
    await approved(clerk)
    await to_what_goes_out(clerk)
    clerk.scan("6900000000017")
    await clerk.at("exchange.price: 12900 enter")
    await approved(clerk)
    assert len(clerk.site.ledger.refunds.recent(9)) == 2
    assert violations(clerk.site) == []


@logged_in()
async def test_a_typed_price_that_nobody_approved_is_noticed(clerk: SimClerk) -> None:
    async def nobody(*_: object, **__: object) -> None:
        """Who would have been asked."""

    await to_what_goes_out(clerk)
    with patch.object(exchange, "ask_supervisors", nobody):
        clerk.scan("6900000000017")
        await clerk.at("exchange.price: 12900 enter", "result: enter")
    await clerk.home()
    assert any("was typed for" in one for one in violations(clerk.site))


@logged_in()
async def test_goods_that_never_cost_as_much_are_noticed(clerk: SimClerk) -> None:
    """The ledger tells a price that no till ever took."""
    reads = SaleReads.sold_before

    def dearer(self: SaleReads, *asked: object) -> SoldBefore | None:
        found = reads(self, *asked)  # type: ignore[arg-type]
        return (
            None
            if found is None
            else replace(found, lowest=12_900, highest=12_900, newest=12_900, as_listed=True)
        )

    await to_what_goes_out(clerk)
    with patch.object(SaleReads, "sold_before", dearer):
        clerk.scan(clerk.site.shop.sale("phone-older").lines[0].sku)  # water
        await approved(clerk)
    assert any("never cost what" in one for one in violations(clerk.site))


def test_each_of_the_shops_goods_has_a_twin_of_its_price() -> None:
    prices = {one.sku: one.unit_price for one in twins(the_shop())}
    for sale in the_shop().sales:
        for line in sale.lines:
            if line.kind == "goods":
                assert prices[twin_of(line.sku)] == line.unit_price
