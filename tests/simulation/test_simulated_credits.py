"""Vouchers, points and gifts: what goes back is held against the other till's own book."""

from __future__ import annotations

from collections import Counter
from contextlib import nullcontext

import pytest
from hw_sim.bench.sample_sales import SampleTender
from hw_sim.proofs.simulation.clerk import Lost, SimClerk
from hw_sim.proofs.simulation.credit_till import CreditTill
from hw_sim.proofs.simulation.invariants import violations
from hw_sim.proofs.simulation.later_sale import Gift, LaterSale
from hw_sim.proofs.simulation.mutants import CREDITS
from hw_sim.proofs.simulation.rest import come_to_rest
from hw_sim.proofs.simulation.site import Site, run_site
from worlds.stories import told_by

MUTANTS = {
    "points twice": "balance of sale",
    "a voucher forgets what paid": "its voucher names",
    "a gift goes to who paid": "goes back as cash",
}


class _Counter:
    """Two tills, one clerk."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.clerk = SimClerk(site)
        self.till = CreditTill(site, 0, Counter())

    async def sell(self, kind: str, *, is_gift: bool = False, voucher: str = "") -> LaterSale:
        sold = self.till.sell(kind, [SampleTender(kind, 900)], voucher=voucher, is_gift=is_gift)
        await self.till.tell_the_rest()
        return sold

    async def back(self, sold: LaterSale, amount: int) -> None:
        """From home to home; a gift for who holds it."""
        self.clerk.scan(sold.gift or sold.sample.receipt_no)
        await self.clerk.at("sale: enter")
        if sold.gift:
            if await self.clerk.wait("gift.way", "refund.lines") == "gift.way":
                self.clerk.press("1")
            await self.clerk.at("refund.lines: 1", "refund.quantity: enter", "refund.lines: menu")
            await self.clerk.at("refund.amount: enter")
        else:
            await self.clerk.at(f"refund.amount: {' '.join(str(amount))} enter")
        if await self.clerk.wait("invoice.ask", "refund.reason") == "invoice.ask":
            self.clerk.press("1")
        await self.clerk.at("refund.reason: 1")
        await self.clerk.approve()
        await self.clerk.at("refund.confirm: enter")
        if await self.clerk.wait("result", "cash.hand_over") == "cash.hand_over":
            self.clerk.press("enter")
        await self.clerk.at("result: enter", "home")

    async def story(self) -> str:
        """Points, a voucher and a gift, in parts; what does not hold."""
        points = await self.sell("points")
        await self.back(points, 300)
        await self.back(points, 600)
        await self.back(await self.sell("voucher", voucher="2900017"), 500)
        gift = await self.sell("cash", is_gift=True)
        self.till.book.gifts.append(Gift(gift.sample.sale_id, buyer=False, first=1, last=99))
        await self.back(gift, 900)
        await come_to_rest(self.site, self.clerk)
        return "\n".join(violations(self.site))


def test_every_mutant_of_credits_is_tried() -> None:
    assert MUTANTS.keys() == CREDITS.keys()


@pytest.mark.parametrize("name", [None, *MUTANTS])
@told_by(run_site)
async def test_a_mutant_of_credits_is_noticed(site: Site, name: str | None) -> None:
    """None: without a mutant nothing is."""
    site.start()
    counter = _Counter(site)
    await counter.clerk.log_in()
    with CREDITS[name]() if name else nullcontext():
        try:
            found = await counter.story()
        except Lost as lost:
            found = str(lost).replace("\n", "")
    expected = MUTANTS[name] if name else ""
    assert expected in found if name else found == expected
