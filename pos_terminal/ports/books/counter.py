"""STAN and batch."""

from __future__ import annotations

from typing import Protocol


class CounterReads(Protocol):
    def batch(self) -> str:
        """The acquirer's current batch number, six digits."""

    def was_drawn(self, batch: str, stan: str) -> bool:
        """Whether a till on this machine drew it."""


class Counter(CounterReads, Protocol):
    async def draw(self) -> str:
        """A STAN for a message that moves no money (sign-on), taken for good."""

    async def draw_for_till(self) -> tuple[str, str]:
        """A STAN for a till on this machine, and its batch: kept as that till's."""

    async def resequence(self, batch: str | None = None) -> None:
        """Begin the batch that a sign-on named; without one, the STAN jumps (94)."""
