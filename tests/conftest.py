"""What tests of every package may ask for."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from at_the_end import pytest_sessionfinish  # noqa: F401 - a hook: what is said last
from hypothesis import HealthCheck, settings

# an installed terminal has its bytecode; without it each process of a test compiles all modules
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

# a busy machine is no fault of what is tested
settings.register_profile("busy", deadline=None, suppress_health_check=[HealthCheck.too_slow])
# nor is what chance finds one of the change at hand: each run draws the same examples, and
# --hypothesis-profile=busy draws others
settings.register_profile("same", settings.get_profile("busy"), derandomize=True)
settings.load_profile("same")

SLOW_FIRST = ("e2e", "power", "strangers", "simulation", "hw_sim", "measure", "systemd", "drivers")
"""Rooms whose tests wait for processes, paper and clocks. What begins last is to be short, so that
no worker is left alone with a long file; and what computes has the cores while these wait."""


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: _turn(item.path.relative_to(Path(__file__).parent).parts[0]))


def _turn(room: str) -> int:
    return SLOW_FIRST.index(room) if room in SLOW_FIRST else len(SLOW_FIRST)


MACHINES = ("UTC", "America/New_York", "Asia/Shanghai")


@pytest.fixture(params=MACHINES)
def machine_zone(request: pytest.FixtureRequest) -> Iterator[str]:
    """The test runs once under each time zone of the machine: none of them may matter (R95)."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TZ", request.param)
        time.tzset()
        yield request.param
    time.tzset()
