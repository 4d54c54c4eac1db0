"""Cards that were called stolen and are so no longer (R81)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from pos_terminal.core.refund import Refund
from pos_terminal.ports.records import Clearing


class ClearedReads(Protocol):
    def still_called(self, limit: int) -> Sequence[Refund]:
        """Refunds whose answer called their card stolen, lost or fraud, with that still in force;
        newest first."""


class Cleared(ClearedReads, Protocol):
    async def clear(self, refund_id: int, clearing: Clearing) -> Sequence[int]:
        """End it for the card of this refund, and for its account: every such answer so far.

        Which refunds those are of. Failure ``cleared.nothing`` where it was ended meanwhile.
        """
