"""STAN and batch."""

from __future__ import annotations

import pytest
from worlds.failures import failure_of
from worlds.ledger import World

from pos_terminal.core.refund import State
from pos_terminal.services.proof.verify import verify_store


def set_counter(world: World, stan: int) -> None:
    world.store.writer.db.execute("UPDATE counter SET stan = ?", (stan,))


def test_it_counts_from_one_and_survives(world: World) -> None:
    assert [world.do(world.store.counter.draw()) for _ in range(2)] == ["000001", "000002"]
    world.reopen()
    assert world.do(world.store.counter.draw()) == "000003"


def test_it_wraps_past_the_last(world: World) -> None:
    set_counter(world, 999_998)
    assert [world.do(world.store.counter.draw()) for _ in range(2)] == ["999999", "000001"]


def test_a_sign_ons_number_is_not_handed_out_again_in_its_batch(world: World) -> None:
    """Nor after a restart, once the numbers come round."""
    drawn = world.do(world.store.counter.draw())
    world.reopen()
    set_counter(world, 999_999)
    world.sell()
    assert world.seal(100).refund.stan == "000002"
    assert drawn == "000001"
    world.do(world.store.counter.resequence("000002"))
    set_counter(world, 0)
    assert world.do(world.store.counter.draw()) == "000001"


def test_it_passes_over_what_this_batch_has_used(world: World) -> None:
    world.sell(trace="000003")
    set_counter(world, 0)
    for _ in range(2):
        world.refunded(1, State.DECLINED)
    set_counter(world, 0)
    assert world.do(world.store.counter.draw()) == "000004"
    world.do(world.store.counter.resequence("000002"))
    set_counter(world, 0)
    assert world.do(world.store.counter.draw()) == "000001"


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"trace": "000123"}, "000124"),
        ({"trace": "000123", "batch": "000009"}, "000001"),
        ({"trace": "000123", "terminal_id": "99999999"}, "000001"),
    ],
)
def test_a_sale_of_this_terminal_and_batch_raises_it(
    world: World, changes: dict[str, str], expected: str
) -> None:
    world.sell(**changes)
    assert world.do(world.store.counter.draw()) == expected


def test_an_older_sale_does_not_lower_it(world: World) -> None:
    set_counter(world, 500)
    world.sell(trace="000123")
    assert world.do(world.store.counter.draw()) == "000501"


@pytest.mark.parametrize(("stan", "expected"), [(10, "000111"), (999_950, "000052")])
def test_a_duplicate_at_the_host_makes_it_jump(world: World, stan: int, expected: str) -> None:
    set_counter(world, stan)
    world.do(world.store.counter.resequence())
    assert world.do(world.store.counter.draw()) == expected


def test_a_new_batch_closes_the_old_ones_sales(world: World) -> None:
    world.sell("S1")
    world.sell("S2", terminal_id="99999999")
    world.do(world.store.counter.resequence("000001"))
    assert [world.sale(key).tender(1).batch_closed for key in ("S1", "S2")] == [False, False]
    world.do(world.store.counter.resequence("000002"))
    assert world.store.counter.batch() == "000002"
    assert [world.sale(key).tender(1).batch_closed for key in ("S1", "S2")] == [True, False]


def test_a_refund_keeps_its_batch_and_stan(world: World) -> None:
    world.sell()
    refund_id = world.refunded(100, State.UNKNOWN).refund_id
    world.do(world.store.counter.resequence("000002"))
    refund = world.refund(refund_id)
    assert (refund.batch, refund.stan) == ("000001", "000018")


@pytest.mark.parametrize("batch", ["", "1", "00000x", "0000001", "000000"])
def test_a_batch_number_has_six_digits(world: World, batch: str) -> None:
    with pytest.raises(ValueError, match="six digits"):
        world.do(world.store.counter.resequence(batch))


def test_what_a_till_drew_is_written_down_and_never_used_here(world: World) -> None:
    stan, batch = world.do(world.store.counter.draw_for_till())
    assert (stan, batch) == ("000001", "000001")
    assert world.kinds()[-1] == "stan_drawn"
    set_counter(world, 0)
    assert world.do(world.store.counter.draw()) == "000002"
    assert world.store.counter.was_drawn(batch, stan)
    assert not world.store.counter.was_drawn("000002", stan)
    world.reopen()
    assert world.store.counter.was_drawn(batch, stan)
    verify_store(world.store)


@pytest.mark.parametrize(
    "change",
    [
        "DELETE FROM drawn_stans",
        "UPDATE drawn_stans SET stan = '000009'",
        "INSERT INTO drawn_stans (batch, stan, at) VALUES ('000001', '000009', '2026-01-05')",
    ],
)
def test_a_drawn_number_changed_behind_its_back_shows(world: World, change: str) -> None:
    world.do(world.store.counter.draw_for_till())
    assert world.store.writer.db.execute(change).rowcount
    assert failure_of(verify_store, world.store) == "ledger.tampered"
