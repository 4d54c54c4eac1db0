"""Applications, with what the rules and the supervisors said of them (R23, R67)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from pos_terminal.core.application import Withdrawn
from pos_terminal.core.decision import Decision, StoredVerdict
from pos_terminal.core.goods_back import GoodsBack
from pos_terminal.core.invoice import InvoiceBack
from pos_terminal.core.items import Item
from pos_terminal.core.refund import Kind
from pos_terminal.core.tenders import Basis
from pos_terminal.core.words import FailureCode
from pos_terminal.ports.records import Application, Approval, Draft


class ApplicationReads(Protocol):
    def by_number(self, number: int) -> Application | None: ...

    def changed_at(self, number: int) -> datetime:
        """When it came to its state. KeyError for one that never was."""

    def kept(self) -> Sequence[Application]:
        """Declined for want of merchant funds (51) and still open, oldest first; of tickets of one
        leg, and of payments of which something is left."""

    def to_do(self) -> Sequence[Application]:
        """What is left to do of tickets of several legs, oldest first."""

    def of_ticket(self, ticket: int) -> Sequence[Application]:
        """In the order of its plan; of one place the newest last."""

    def approvals(self, application: int) -> Sequence[Approval]:
        """Oldest first."""

    def decisions(self, application: int) -> Sequence[StoredVerdict]:
        """Oldest first."""


class Applications(ApplicationReads, Protocol):
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
        """A new one, open or (``refused``) refused by the rules, with their answers."""

    async def open_ticket(self, drafts: Sequence[Draft]) -> Sequence[Application]:
        """A ticket's plan in one commit, in its order. Failure ``ledger.application`` where one
        that a draft stands ``instead_of`` is not open."""

    async def add_decision(self, application: int, decision: Decision, refused: bool) -> None:
        """The answer of the rules that needed the card; ``refused`` ends the application.

        Failure ``ledger.application`` where it is not open.
        """

    async def approve(self, application: int, approvals: Sequence[Approval]) -> None:
        """Supervisors' yes, kept with who and when (R23)."""

    async def approve_ticket(
        self, applications: Sequence[int], approvals: Sequence[Approval]
    ) -> None:
        """The plan of these was approved, which all of them store; they are to do from here on,
        whatever becomes of the terminal. Failure ``ledger.application`` where one is not open."""

    async def cancel(self, application: int, why: Withdrawn | FailureCode) -> None:
        """Given up before anything was sealed. Failure ``ledger.application``: it is not open."""
