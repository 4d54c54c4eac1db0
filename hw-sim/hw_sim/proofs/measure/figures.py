"""Figures and their floors: what one row of the speed table is made of."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

MICROSECONDS = 1e6
MILLISECONDS = 1e3


@dataclass(frozen=True, slots=True)
class Check:
    """One figure against its goal."""

    label: str
    """``p50``, ``p99``, or what else was counted."""
    measured: float
    limit: float
    """Of the ratio where there is a floor, else of the figure itself."""
    unit: str = ""
    floor: float | None = None
    least: bool = False
    """The figure must be at least the limit; at most it, otherwise."""

    @property
    def figure(self) -> float:
        """What is held against the limit."""
        if self.floor is None:
            return self.measured
        return self.measured / self.floor if self.floor else math.inf

    @property
    def met(self) -> bool:
        return self.figure >= self.limit if self.least else self.figure <= self.limit


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table: figures, or the reason why there are none."""

    what: str
    floor: str
    checks: tuple[Check, ...] = ()
    note: str = ""
    missing: str = ""
    """Why it was not measured."""

    @property
    def met(self) -> bool | None:
        """None where nothing was measured."""
        return all(check.met for check in self.checks) if self.checks else None


def percentile(samples: Sequence[float], share: float) -> float:
    """The smallest sample that at least ``share`` (0 to 1) of them do not exceed."""
    if not samples:
        raise ValueError("no samples")
    ordered = sorted(samples)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def p50(samples: Sequence[float]) -> float:
    return percentile(samples, 0.5)


def against(
    ours: Sequence[float],
    floor: Sequence[float],
    *,
    p50_limit: float,
    p99_limit: float | None = None,
    unit: str = "ms",
) -> tuple[Check, ...]:
    """Checks of seconds against seconds, each percentile against the floor's own."""
    scale = MICROSECONDS if unit == "µs" else MILLISECONDS
    limits = {0.5: p50_limit, 0.99: p99_limit}
    return tuple(
        Check(
            f"p{share * 100:.0f}",
            percentile(ours, share) * scale,
            limit,
            unit,
            percentile(floor, share) * scale,
        )
        for share, limit in limits.items()
        if limit is not None
    )
