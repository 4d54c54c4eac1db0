"""What flows may do with a case."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from pos_terminal.core.case import (
    CaseKind,
    Contradicted,
    FoundBy,
    Reported,
)
from pos_terminal.core.case_step import NewStep
from pos_terminal.ports import Case, Closing
from pos_terminal.services.ledger.books.book import (
    Face,
)
from pos_terminal.services.ledger.books.cases.closing import close
from pos_terminal.services.ledger.books.cases.opening import (
    contradict,
    open_of_refund,
    open_of_sale,
    print_again,
)
from pos_terminal.services.ledger.books.cases.reads import CaseReads
from pos_terminal.services.ledger.books.cases.steps import add
from pos_terminal.wire.receipt.slip import Slip


class Cases(Face, CaseReads):
    """Fulfils ``ports.Cases``."""

    async def open(
        self,
        refund_id: int,
        kind: CaseKind,
        operator: str,
        slips: Callable[[int], Sequence[Slip]] | None = None,
        *,
        found_by: FoundBy | None = None,
    ) -> int:
        facts = Reported(operator, found_by)
        return await self._door.step(
            "open_case", lambda step: open_of_refund(step, refund_id, kind, facts, make=slips)
        )

    async def open_of_sale(
        self,
        sale_key: int,
        kind: CaseKind,
        operator: str,
        slips: Callable[[int], Sequence[Slip]],
        *,
        found_by: FoundBy | None = None,
    ) -> int:
        facts = Reported(operator, found_by)
        return await self._door.step(
            "open_sale_case", lambda step: open_of_sale(step, sale_key, kind, facts, slips)
        )

    async def print(self, case_id: int, slips: Sequence[Slip], operator: str) -> None:
        await self._door.step(
            "print_case", lambda step: print_again(step, case_id, slips, operator)
        )

    async def contradicted(self, refund_id: int, facts: Contradicted) -> None:
        told = f"rrn {facts.reference}"
        await self._door.step("contradicted", lambda step: contradict(step, refund_id, facts, told))

    async def add_step(self, case_id: int, new: NewStep) -> int:
        return await self._door.step("case_step", lambda step: add(step, case_id, new))

    async def close(self, case_id: int, closing: Closing) -> Case:
        return await self._door.step("close_case", lambda step: close(step, case_id, closing))
