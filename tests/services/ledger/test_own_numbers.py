"""A paid record under a number of ours stops trade as long as the log knows it for ours (R50)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from worlds.ledger import World
from worlds.purge import KEEP, later, next_batch, purge

from pos_terminal.core.effect import Effect
from pos_terminal.core.refund import Kind
from pos_terminal.ports.books.outcomes import Judged, OutcomeReport
from pos_terminal.services.proof.verify import verify_store
from pos_terminal.wire.feed.outcome import Outcome, OutcomeFile


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    world = World(tmp_path)
    yield world
    world.close()


def paid_under(world: World, stan: str, batch: str = "000001") -> bool:
    """Whether that stops trade, when the acquirer's file has it now."""
    paid = Outcome(
        line=1, batch=batch, stan=stan, kind=Kind.REFUND, amount=500, done=500, rrn="",
        auth_code="", happened_on="", reference=f"P-{stan}", content=f"{batch} {stan}",
    )  # fmt: skip
    file = OutcomeFile(f"{batch}-{stan}.jsonl", f"{int(batch + stan):064d}", ())
    judged = (Judged(paid, Effect.PAID_UNKNOWN, reason="not here"),)
    world.do(world.store.outcomes.take_in(OutcomeReport(file, judged)))
    return bool(world.store.cases.own_number_paid())


def test_of_a_sign_on_it_does_and_under_no_other_number(world: World) -> None:
    stan = world.do(world.store.counter.draw())
    till, _ = world.do(world.store.counter.draw_for_till())
    assert not paid_under(world, "000777")
    assert not paid_under(world, till), "the acquirer has the till's payment under it"
    assert not paid_under(world, stan, "000009"), "of another batch"
    assert paid_under(world, stan)
    verify_store(world.store)


@pytest.mark.parametrize(("days", "stops"), [(KEEP.audit_days - 1, True), (800, False)])
def test_once_the_log_has_let_it_go_it_is_any_unknown_number(
    world: World, days: int, *, stops: bool
) -> None:
    stan = world.do(world.store.counter.draw())
    next_batch(world)
    later(world, days)
    assert bool(purge(world)) is not stops
    assert paid_under(world, stan) is stops
    verify_store(world.store)
