"""A sign-on's answer brings keys, batch and time: it is one by its STAN and terminal, or none."""

from __future__ import annotations

import pytest
from hw_sim.proofs.simulation.mutants import TRUST
from worlds.failures import failure_in
from worlds.host import World, told

OTHERS = ["other-stan", "other-terminal"]


@pytest.mark.parametrize("mode", OTHERS)
@told()
async def test_an_answer_to_somebody_else_brings_nothing(world: World, mode: str) -> None:
    batch = world.ledger.counter.batch()
    world.acquirer.begin_batch("10000001", "000007")
    world.acquirer.set_mode(mode, on=["sign_on"])
    assert await failure_in(world.host.prepare()) == "host.silent"
    assert world.keys.stored is None
    assert world.ledger.counter.batch() == batch
    assert not world.host.state.signed_on
    world.acquirer.set_mode("normal")
    await world.host.prepare()
    assert world.ledger.counter.batch() == "000007"


@pytest.mark.parametrize("mode", OTHERS)
@told()
async def test_the_mutant_that_takes_any_is_noticed(world: World, mode: str) -> None:
    """As above, what must not be is there."""
    world.acquirer.begin_batch("10000001", "000007")
    world.acquirer.set_mode(mode, on=["sign_on"])
    with TRUST["any sign-on answer will do"]():
        await world.host.prepare()
    assert world.keys.stored is not None
    assert world.ledger.counter.batch() == "000007"
