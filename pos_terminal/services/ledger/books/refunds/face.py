"""What flows may do with a refund."""

from __future__ import annotations

from collections.abc import Sequence

from pos_terminal.core.refund import (
    Refund,
)
from pos_terminal.services.ledger.books.book import (
    Face,
)
from pos_terminal.services.ledger.books.refunds.reads import RefundReads
from pos_terminal.services.ledger.books.refunds.writes import (
    count_repeat,
    drawer_opened,
    handed_over,
)


class Refunds(Face, RefundReads):
    """Fulfils ``ports.Refunds``."""

    async def count_repeat(self, refund_id: int) -> int:
        return await self._door.step("count_repeat", lambda step: count_repeat(step, refund_id))

    async def handed_over(self, refund_id: int, operator: str) -> Refund:
        return await self._door.step(
            "handed_over", lambda step: handed_over(step, refund_id, operator)
        )

    async def all_handed_over(self, refund_ids: Sequence[int], operator: str) -> Sequence[Refund]:
        return await self._door.step(
            "handed_over", lambda step: [handed_over(step, one, operator) for one in refund_ids]
        )

    async def drawer_opened(self, refund_id: int, operator: str) -> None:
        await self._door.step(
            "drawer_opened", lambda step: drawer_opened(step, refund_id, operator)
        )
