"""The till's later totals of a payment, at both sides, in whatever order they hear of them."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

import pytest
from hw_sim.bench import identity
from hw_sim.bench.sample_sales import SampleSale
from hw_sim.proofs.simulation.adjustment import Adjustment
from hw_sim.proofs.simulation.by_file import close_cases
from hw_sim.proofs.simulation.clerk import SimClerk
from hw_sim.proofs.simulation.invariants import violations
from hw_sim.proofs.simulation.mutants import TOTALS
from hw_sim.proofs.simulation.rest import come_to_rest
from hw_sim.proofs.simulation.site import Setting, Site, run_site
from hw_sim.proofs.simulation.till import tell_acquirer, tell_terminal

from pos_terminal.core.refund import State


class _Shop:
    """One sale by card, its till and its clerk."""

    def __init__(self, site: Site, name: str) -> None:
        self.site = site
        self.sale: SampleSale = site.shop.sale(name)
        self.clerk = SimClerk(site)

    def total(self, amount: int, *, minutes: int) -> Adjustment:
        """Made so long before now."""
        number = len(self.site.adjustments) + 1
        at = self.site.time.now().replace(microsecond=0) - timedelta(minutes=minutes)
        made = Adjustment(self.sale, 1, amount, at, f"A{number}")
        self.site.adjustments.append(made)
        return made

    async def tell(self, *some: Adjustment) -> None:
        assert await tell_terminal(self.site, some)

    def acquirer(self, *some: Adjustment) -> None:
        for one in some:
            tell_acquirer(self.site, one)

    async def give_back(self, amount: int | None = None) -> State:
        """What becomes of it; the clerk is at home again."""
        await self.clerk.give_back(self.sale, amount)
        await self.clerk.home()
        return self.site.ledger.refunds.recent(1)[0].state

    def paid(self) -> int:
        sold = self.site.acquirer.book.sale(self.sale.rrn, identity.MERCHANT_ID)
        assert sold is not None
        return sold.given_back

    def left(self) -> int:
        return self.site.sale(self.sale.sale_id).remaining


async def _begin(site: Site, name: str = "visa-older") -> _Shop:
    site.start()
    shop = _Shop(site, name)
    await shop.clerk.log_in()
    return shop


async def _rest(shop: _Shop) -> list[str]:
    await come_to_rest(shop.site, shop.clerk)
    return violations(shop.site)


def test_the_latest_total_is_what_both_sides_give_back() -> None:
    async def story(site: Site) -> None:
        shop = await _begin(site)
        less, tip = (shop.total(shop.sale.amount - 1, minutes=3), shop.total(99_900, minutes=2))
        shop.acquirer(tip, less)
        await shop.tell(tip)
        await shop.tell(less, tip)
        assert await shop.give_back(900) is State.ACCEPTED
        assert await shop.give_back() is State.ACCEPTED
        assert (shop.paid(), shop.left()) == (99_900, 0)
        assert await _rest(shop) == []

    run_site(story)


def test_an_acquirer_that_hears_first_refuses_what_is_above_its_total() -> None:
    async def story(site: Site) -> None:
        shop = await _begin(site)
        less = shop.total(1_000, minutes=1)
        shop.acquirer(less)
        assert await shop.give_back() is State.DECLINED
        assert shop.paid() == 0
        await shop.tell(less)
        assert await shop.give_back() is State.ACCEPTED
        assert shop.paid() == 1_000
        assert await _rest(shop) == []

    run_site(story)


def test_an_acquirer_that_hears_later_pays_the_tip_later() -> None:
    async def story(site: Site) -> None:
        shop = await _begin(site)
        tip = shop.total(shop.sale.amount + 500, minutes=1)
        await shop.tell(tip)
        assert await shop.give_back() is State.DECLINED
        shop.acquirer(tip)
        assert await shop.give_back() is State.ACCEPTED
        assert (shop.paid(), shop.left()) == (shop.sale.amount + 500, 0)
        assert await _rest(shop) == []

    run_site(story)


async def _told_of_less(shop: _Shop, mode: str) -> None:
    """1000 are asked for and not answered, of a leg that is of 400 meanwhile."""
    shop.site.acquirer.set_mode(mode)
    assert await shop.give_back(1_000) is State.UNKNOWN
    less = shop.total(400, minutes=0)
    shop.acquirer(less)
    await shop.tell(less)
    shop.site.acquirer.set_mode("normal")


def test_a_total_below_what_is_held_is_a_case_until_people_close_it() -> None:
    async def story(site: Site) -> None:
        shop = await _begin(site)
        await _told_of_less(shop, "drop-answer")
        (case,) = (one for one in site.ledger.cases.open_ones() if one.over)
        assert (case.over, site.sale(shop.sale.sale_id).locked) == (600, True)
        await come_to_rest(site, shop.clerk)
        assert await close_cases(site) == 1
        assert (shop.paid(), shop.left()) == (1_000, 0)
        assert await _rest(shop) == []

    run_site(story)


def test_of_a_voided_payment_nothing_is_left_whatever_it_was() -> None:
    """The till's tip is from before the void; the acquirer, which did not know it, took it back."""

    async def story(site: Site) -> None:
        shop = await _begin(site, "visa-today")
        await _tip_after_the_void(shop)
        assert (shop.paid(), shop.left()) == (shop.sale.amount, 0)
        shop.clerk.scan(shop.sale.receipt_no)
        await shop.clerk.wait("sale")
        assert "该交易已经被撤销" in shop.clerk.text  # said before anybody applies
        await shop.clerk.go("enter", to="failure")
        assert "该交易已经被撤销" in shop.clerk.text
        assert await _rest(shop) == []

    run_site(story)


# --- mistakes -------------------------------------------------------------------------------------


async def _older_last(shop: _Shop) -> None:
    tip, less = shop.total(99_900, minutes=1), shop.total(1_000, minutes=2)
    shop.acquirer(tip, less)
    await shop.tell(tip)
    await shop.tell(less)


async def _given_back_before(shop: _Shop) -> None:
    assert await shop.give_back(1_000) is State.ACCEPTED
    less = shop.total(400, minutes=0)
    shop.acquirer(less)
    await shop.tell(less)


async def _held_and_declined(shop: _Shop) -> None:
    """The acquirer, which heard of the total, refuses what it had not taken before."""
    await _told_of_less(shop, "swallow")
    await come_to_rest(shop.site, shop.clerk)
    await close_cases(shop.site)


async def _tip_after_the_void(shop: _Shop) -> None:
    tip = shop.total(shop.sale.amount + 700, minutes=1)
    assert await shop.give_back() is State.ACCEPTED
    shop.acquirer(tip)
    await shop.tell(tip)


NOTICED: Final = {
    "totals not counted": (_older_last, "by the till's totals of 99900"),
    "last total told counts": (_older_last, "of 1000, by the till's totals of 99900"),
    "below without a case": (_given_back_before, "600 below what was given back, without a case"),
    "total never settled": (_held_and_declined, "of 1000, by the till's totals of 400"),
    "room after a void": (_tip_after_the_void, "leg 1: of "),
}


@pytest.mark.parametrize("name", TOTALS)
def test_a_mistake_in_it_is_noticed(name: str) -> None:
    tell, expected = NOTICED[name]

    async def story(site: Site) -> list[str]:
        shop = await _begin(site, "visa-today" if tell is _tip_after_the_void else "visa-older")
        await tell(shop)
        return await _rest(shop)

    assert run_site(story, Setting()) == []
    with TOTALS[name]():
        found = run_site(story, Setting())
    assert any(expected in problem for problem in found), found
