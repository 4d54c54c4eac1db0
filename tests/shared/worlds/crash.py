"""Terminals that are killed: what tests of lost power are told with."""

from __future__ import annotations

from collections.abc import Callable

from hw_sim.proofs.crash.crashing import Crashing

Crash = Callable[..., Crashing]
"""Makes a terminal that has not started."""
