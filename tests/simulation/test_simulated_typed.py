"""Payments that clerks type and the till tells of late: one payment is one (R7)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from typing import Final

import pytest
from hw_sim.bench import identity
from hw_sim.bench.sample_sales import SampleLine, SampleSale, SampleTender
from hw_sim.proofs.simulation.clerk import SimClerk
from hw_sim.proofs.simulation.invariants import typed, violations
from hw_sim.proofs.simulation.late_till import know_purchases, tell_of
from hw_sim.proofs.simulation.purchase import Purchase, Told, Wrong
from hw_sim.proofs.simulation.rest import come_to_rest
from hw_sim.proofs.simulation.shop import START
from hw_sim.proofs.simulation.site import Site, run_site
from hw_sim.proofs.simulation.typed_mutants import TYPED
from hw_sim.proofs.simulation.typed_truth import TypedTruth

PAID: Final = 5_000


class _Counter:
    """One payment by VISA that the acquirer knows and the terminal does not."""

    def __init__(self, site: Site) -> None:
        self.site, self.clerk, self.truth = site, SimClerk(site), TypedTruth(site)
        card = site.shop.sale("visa-older").payments[0].card
        self.first = Purchase(
            SampleSale(
                name="late",
                about="of which the till tells late",
                number=901,
                terminal_id=identity.TERMINAL_ID,
                batch=f"{int(identity.BATCH) - 1:06d}",
                trace="000901",
                auth_code="123456",
                sold_at=START - timedelta(days=1),
                tenders=(SampleTender("cash", 700), SampleTender("card", PAID, card)),
                lines=(SampleLine("6900000000908", "礼盒", 1, PAID + 700, "food"),),
            ),
            (),
        )
        other = replace(self.first.sample, number=902, trace="000902")
        self.second = Purchase(other, ())
        know_purchases(site, [self.first, self.second])

    async def type_in(self, *, to: str = "typed.review") -> None:
        """From home to the sale, with this terminal's number, reference, day and amount."""
        clerk, sample = self.clerk, self.first.sample
        await clerk.wait("home")
        await clerk.at(": menu", "menu: 1", "menu.find: 4", "typed.terminal: enter")
        await clerk.answer("typed.rrn", sample.rrn)
        await clerk.answer("typed.date", f"{sample.sold_at:%m%d}")
        await clerk.answer("typed.amount", str(PAID))
        if to == "sale":
            await clerk.wait("sale")
            return
        offered = ["typed.offered: 1"] if to == "offered" else []
        await clerk.at(
            "typed.batch: enter",
            "typed.trace: enter",
            "typed.last4: enter",
            *offered,
            "typed.review: enter",
            "sale",
        )

    async def give(self, amount: int) -> None:
        """From the sale on the screen; by a card of which the terminal knows nothing."""
        clerk = self.clerk
        await clerk.at("sale: enter")
        await clerk.answer("refund.amount", str(amount))
        await clerk.at("refund.reason: 1")
        await clerk.approve()
        if await clerk.show_card("visa") == "supervisor.number":
            await clerk.approve(1)
            await clerk.wait("result", "failure")
        await clerk.home()

    async def tell(
        self, wrong: Wrong | None = None, *, of: Purchase | None = None, bare: bool = False
    ) -> None:
        purchase = of or self.first
        four = purchase is self.second
        told = Told(purchase.sample, wrong=wrong, bare=bare, four=four)
        assert await tell_of(self.site, [(purchase, told)])

    async def rest(self) -> list[str]:
        await come_to_rest(self.site, self.clerk)
        self.truth.look()
        return [*violations(self.site), *typed(self.site, self.truth.typings)]


async def _told_after(counter: _Counter) -> None:
    await counter.type_in()
    await counter.give(2_000)
    await counter.tell()


async def _contradicted(counter: _Counter) -> None:
    await counter.type_in()
    await counter.give(2_000)
    await counter.tell(Wrong.AMOUNT)


async def _typed_again(counter: _Counter) -> None:
    await counter.type_in()
    await counter.give(4_000)
    if counter.site.ledger.sales.by_rrn(counter.first.rrn, counter.first.day):
        await counter.type_in(to="sale")
        await counter.give(1_000)
    else:  # the mutant does not know it
        await counter.type_in()
        await counter.give(4_000)


async def _another_of_that_amount(counter: _Counter) -> None:
    await counter.type_in()
    await counter.give(2_000)
    await counter.tell(of=counter.second)


async def _picked_another(counter: _Counter) -> None:
    """Of the sales without a reference that were offered."""
    await counter.tell(of=counter.second, bare=True)
    await counter.type_in(to="offered")
    await counter.give(2_000)
    await counter.tell(of=counter.second)
    await counter.tell()


Story = Callable[[_Counter], Awaitable[None]]
NOTICED: Final[dict[str, tuple[Story, str]]] = {
    "joined without balances": (_told_after, "held 0, open refunds 0"),
    "contradiction joined silently": (_contradicted, "[('amount', '5000', '6250')] differ"),
    "contradicted sale not locked": (_contradicted, "its sale is not locked"),
    "typed twice is two sales": (_typed_again, "is 2 sales"),
    "mistaken reference forgotten": (_picked_another, "is in no case of its sale"),
    "joined by amount": (_another_of_that_amount, "which is another payment"),
}


def _day(story: Story) -> list[str]:
    async def day(site: Site) -> list[str]:
        site.start()
        counter = _Counter(site)
        await counter.clerk.log_in()
        await story(counter)
        return await counter.rest()

    return run_site(day)


@pytest.mark.parametrize("name", TYPED)
def test_a_mistake_in_it_is_noticed(name: str) -> None:
    story, expected = NOTICED[name]
    assert _day(story) == []
    with TYPED[name]():
        found = _day(story)
    assert any(expected in problem for problem in found), found
