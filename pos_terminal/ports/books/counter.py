"""STAN and batch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from pos_terminal.core.said import Said


class CounterReads(Protocol):
    def batch(self) -> str:
        """The acquirer's current batch number, six digits."""

    def was_drawn(self, batch: str, stan: str) -> bool:
        """Whether a till on this machine drew it."""

    def stopped(self) -> Said | None:
        """What the acquirer said when it stopped trade (03, 97); None where it goes on."""


class Counter(CounterReads, Protocol):
    async def draw(self) -> str:
        """A STAN for a message that moves no money (sign-on), taken for good in its batch."""

    async def resume(self) -> None:
        """The acquirer took a sign-on: what it had stopped goes on."""

    async def draw_for_till(self) -> tuple[str, str]:
        """A STAN for a till on this machine, and its batch: kept as that till's."""

    async def resequence(self, batch: str | None = None) -> None:
        """Begin the batch that a sign-on named; without one, the STAN jumps (94)."""
