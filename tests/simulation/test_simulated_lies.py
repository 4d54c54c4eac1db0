"""Days whose acquirer answers other than it does: its file tells, and people close the cases."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from random import Random
from unittest.mock import patch

import pytest
from hw_sim.proofs.simulation.day import LYING, Report, run_day
from worlds.simulated_days import DAYS

from pos_terminal.services.ledger.books import sales
from pos_terminal.services.ledger.books.cases import closing, opening, reads
from pos_terminal.services.money.by_people import ByPeople

SEEDS = [seed for seed in range(156) if Random(f"lies {seed}").random() < LYING]
"""As they come, the first of them agree in ``test_simulated_days``."""
TELLING = (32, 126, 229)
"""Those that noticed a mistake when they were last looked through, asked first: where days have
become others, one of ``SEEDS`` notices it, later."""


def problems(reports: list[Report]) -> list[str]:
    return [f"{one.seed}: {problem}" for one in reports for problem in one.problems]


def unlocked() -> AbstractContextManager[object]:
    """What contradicts is a case, and its sale goes on."""
    return patch.object(sales, "lock", lambda *_: None)


def not_counted() -> AbstractContextManager[object]:
    """Closing a case counts nothing in."""
    return patch.object(closing, "_count_in", lambda *_: 0)


@contextmanager
def twice() -> Iterator[None]:
    """What the line told is told by the file once more."""
    with (
        patch.object(reads, "contradicted", lambda *_: 0),
        patch.object(opening, "contradicted", lambda *_: 0),
    ):
        yield


Mutant = Callable[[], AbstractContextManager[object]]


@pytest.mark.parametrize(
    ("mutant", "noticed"),
    [
        (unlocked, "the ledger is not whole"),
        (not_counted, "are left"),
        (twice, "here with its cases"),
    ],
)
def test_a_mistake_in_it_is_noticed(mutant: Mutant, noticed: str) -> None:
    with mutant():  # the first day that notices it is enough
        days = (run_day(seed) for seed in (*TELLING, *SEEDS))
        found = (problem for day in days for problem in problems([day]))
        assert any(noticed in one for one in found)


def test_without_the_late_approvals_the_file_tells_all_the_same() -> None:
    """Whether or not the line told of it: nothing is paid that stands nowhere."""

    async def deaf(self: ByPeople, *_: object) -> None:
        return None

    with patch.object(ByPeople, "_contradict", deaf):
        assert problems([run_day(seed) for seed in SEEDS if seed < DAYS and seed % 2]) == []
