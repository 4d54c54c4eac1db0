"""The ledger's disk fails at a statement, under the whole terminal: nothing lost, nothing twice."""

from __future__ import annotations

import pytest
from hw_sim.proofs.power import errors
from hw_sim.proofs.power.errors import STORIES, failed_at, main, statements_of
from hw_sim.proofs.power.failing import ERRORS, every_statement_fails_first
from hw_sim.proofs.simulation.counter_stories import COUNTER
from hw_sim.proofs.simulation.day import run_day
from hw_sim.proofs.simulation.stories import REFUND, Story

EVERY = 53
EVERY_OF_COUNTER = 211
SHORT = 32
"""A day that is soon over, and has each step that money takes."""


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.name)
@pytest.mark.parametrize("error", ERRORS)
def test_a_disk_that_fails_costs_nobody_money(story: Story, error: str) -> None:
    every = EVERY_OF_COUNTER if story in COUNTER else EVERY
    first = 1 + every * ERRORS.index(error) // len(ERRORS)
    places = range(first, statements_of(story) + 1, every)
    found = [failed_at(story, nth, error) for nth in places]
    assert [one for one in found if one.problems] == []
    assert found


@pytest.mark.parametrize(
    ("error", "said"),
    [
        ("SQLITE_FULL", "存储已满"),
        ("SQLITE_IOERR_WRITE", "存储故障"),
        ("SQLITE_BUSY", "账本忙"),
    ],
)
def test_the_clerk_is_told_what_it_is(error: str, said: str) -> None:
    """Wherever between log-in and card the clerk meets it."""
    told = (failed_at(REFUND, nth, error) for nth in range(14, 40, 4))
    assert any(said in ending.moment for ending in told)


def test_every_step_of_a_day_bears_every_error_at_every_statement() -> None:
    with every_statement_fails_first() as met:
        assert run_day(SHORT).problems == []
    assert met.wrong == []
    assert {"opened", "open_application", "approve", "seal", "conclude", "tidy"} <= {*met.steps}
    assert sum(met.steps.values()) > 500


def test_the_long_run_counts_what_it_did(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    few = STORIES[:2]  # of all of them above
    monkeypatch.setattr(errors, "STORIES", few)
    assert main(["--every", "1000"]) == 0
    told = [f"{len(ERRORS):>8}  {story.name}" for story in few]
    assert capsys.readouterr().out.splitlines() == [*told, "failed: 0"]
