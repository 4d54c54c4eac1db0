"""Applications for the flows: questions and durable writes."""

from __future__ import annotations

from collections.abc import Sequence

from pos_terminal.core.application import Withdrawn
from pos_terminal.core.decision import Decision
from pos_terminal.core.goods_back import GoodsBack
from pos_terminal.core.invoice import InvoiceBack
from pos_terminal.core.items import Item
from pos_terminal.core.refund import Kind
from pos_terminal.core.tenders import Basis
from pos_terminal.core.words import FailureCode
from pos_terminal.ports import Application, Approval, Draft
from pos_terminal.services.ledger.books.applications import writes
from pos_terminal.services.ledger.books.applications.reads import ApplicationReads
from pos_terminal.services.ledger.books.book import Face


class Applications(Face, ApplicationReads):
    """Fulfils ``ports.Applications``."""

    async def open(
        self,
        *,
        sale_key: int | None,
        leg: int,
        kind: Kind,
        amount: int,
        reason: str,
        note: str,
        operator: str,
        decisions: Sequence[Decision],
        refused: bool,
        items: Sequence[Item] = (),
        owed: int = 0,
        basis: Basis | None = None,
        goods_back: GoodsBack | None = None,
        invoice: InvoiceBack | None = None,
    ) -> Application:
        draft = Draft(
            sale_key=sale_key,
            leg=leg,
            kind=kind,
            amount=amount,
            reason=reason,
            note=note,
            operator=operator,
            items=items,
            owed=owed,
            decisions=decisions,
            refused=refused,
            basis=basis,
            goods_back=goods_back,
            invoice=invoice,
        )
        return (await self.open_ticket([draft]))[0]

    async def open_ticket(self, drafts: Sequence[Draft]) -> Sequence[Application]:
        return await self._door.step(
            "open_application", lambda step: writes.open_ticket(step, drafts)
        )

    async def add_decision(self, application: int, decision: Decision, refused: bool) -> None:
        await self._door.step(
            "add_decision",
            lambda step: writes.add_decision(step, application, decision, refused),
        )

    async def approve(self, application: int, approvals: Sequence[Approval]) -> None:
        await self._door.step("approve", lambda step: writes.approve(step, application, approvals))

    async def approve_ticket(
        self, applications: Sequence[int], approvals: Sequence[Approval]
    ) -> None:
        await self._door.step(
            "approve", lambda step: writes.approve_ticket(step, applications, approvals)
        )

    async def cancel(self, application: int, why: Withdrawn | FailureCode) -> None:
        await self._door.step(
            "cancel_application", lambda step: writes.cancel(step, application, why)
        )
