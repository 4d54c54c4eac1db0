"""The days that are simulated as they come; no other test needs to see that those agree."""

from __future__ import annotations

from functools import cache
from typing import Final

from hw_sim.proofs.simulation.day import Report, run_day

DAYS: Final = 50
"""Seeds 0 to 49, in ``tests/simulation/test_simulated_days.py``."""


@cache
def day(seed: int) -> Report:
    """The day as it comes: simulated once, however many tests of this process ask."""
    return run_day(seed)
