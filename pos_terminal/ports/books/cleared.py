"""Cards that were called stolen and are so no longer (R81)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Protocol

from msgspec import Struct

from pos_terminal.core.refund import Refund
from pos_terminal.ports.records import Approval


class Clearing(Struct, frozen=True):
    """What ends it: two people's word, and what the issuer or the acquirer calls it."""

    RULE: ClassVar = "cleared"
    """What the supervisors are asked by."""
    reference: str
    operator: str
    """Who typed it in."""
    approvals: tuple[Approval, Approval]
    """Neither of them the operator."""


class ClearedReads(Protocol):
    def still_called(self, limit: int) -> Sequence[Refund]:
        """Refunds whose answer called their card stolen, lost or fraud, with that still in force;
        newest first."""


class Cleared(ClearedReads, Protocol):
    async def clear(self, refund_id: int, clearing: Clearing) -> Sequence[int]:
        """End it for the card of this refund, and for its account: every such answer so far.

        Which refunds those are of. Failure ``cleared.nothing`` where it was ended meanwhile.
        """
