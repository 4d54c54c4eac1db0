"""How many refunds an acquirer takes of one payment, and how old that may be (issue 7, 15)."""

from __future__ import annotations

from datetime import datetime

import pytest
from msgspec.structs import replace
from worlds.failures import failure_in
from worlds.host import VOIDABLE_ID, World, told

from pos_terminal.core.refund import Kind, State
from pos_terminal.core.sale import Sale
from pos_terminal.core.words import Failure
from pos_terminal.profiles import load


def limited(world: World, *, most: int | None = None, days: int | None = None) -> None:
    world.profile = replace(load("cup"), refunds_per_sale=most, refund_window_days=days)
    world.host = world.new_host()


@told()
async def test_no_more_refunds_than_it_takes_are_sent(world: World) -> None:
    limited(world, most=2)
    for _ in range(2):
        assert (await world.give_back(100)).refund.state is State.ACCEPTED
    assert await failure_in(world.give_back(100)) == "host.too_many_refunds"
    assert len(world.sent("refund")) == 2
    assert world.held() == 0


@told()
async def test_what_was_declined_does_not_count(world: World) -> None:
    limited(world, most=1)
    assert (await world.give_back(100, fault="code:61")).refund.state is State.DECLINED
    assert (await world.give_back(100)).refund.state is State.ACCEPTED


@told()
async def test_an_older_payment_is_not_sent(world: World) -> None:
    """The sale is of 27 October, the day is 20 November."""
    limited(world, days=23)
    assert await failure_in(world.give_back(100)) == "host.too_old"
    assert world.sent("refund") == []
    assert (await world.void()).refund.state is State.ACCEPTED
    limited(world, days=24)
    assert (await world.give_back(100)).refund.state is State.ACCEPTED


@told()
async def test_the_payment_s_own_day_counts(world: World) -> None:
    """Not its sale's: a deposit is older, what was paid on delivery is not as old."""
    limited(world, days=20)
    sold = world.sale()
    world.host.must_take(Kind.REFUND, paid_on(sold, "2026-10-31"), 1)
    today = replace(sold, sold_at=world.clock.now())
    with pytest.raises(Failure, match=r"host\.too_old"):
        world.host.must_take(Kind.REFUND, paid_on(today, "2026-10-30"), 1)


def paid_on(sale: Sale, day: str) -> Sale:
    (leg,) = sale.tenders
    assert leg.payment is not None
    paid_at = datetime.fromisoformat(f"{day}T12:00:00+08:00")
    return replace(sale, tenders=(replace(leg, payment=replace(leg.payment, paid_at=paid_at)),))


@told()
async def test_a_void_is_bound_by_neither(world: World) -> None:
    limited(world, most=1, days=1)
    assert world.sale(VOIDABLE_ID).done == 0
    assert (await world.void()).refund.state is State.ACCEPTED
