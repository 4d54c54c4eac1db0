"""Applications, with what the rules and the supervisors said of them (R23, R67)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from msgspec import Struct

from pos_terminal.core.application import ApplicationState, Withdrawn
from pos_terminal.core.decision import Decision, StoredVerdict
from pos_terminal.core.items import Item
from pos_terminal.core.refund import Kind
from pos_terminal.core.words import FailureCode


class Approval(Struct, frozen=True):
    """A supervisor's yes to this sale and this amount."""

    supervisor: str
    name: str
    at: datetime
    amount: int
    rule: str
    """The rule that asked; ``policy`` where every refund needs one (R23)."""


class Application(Struct, frozen=True):
    """A request for money back, numbered and kept whatever becomes of it (R67)."""

    number: int
    sale_key: int | None
    """None where the sale that was asked for is not known."""
    leg: int
    """0 until one was chosen."""
    kind: Kind
    amount: int
    reason: str
    operator: str
    state: ApplicationState
    items: tuple[Item, ...] = ()
    """The goods that it names; none where an amount was typed."""


class ApplicationReads(Protocol):
    def by_number(self, number: int) -> Application | None: ...

    def kept(self) -> Sequence[Application]:
        """Declined for want of merchant funds (51) and still open, oldest first."""

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
    ) -> Application:
        """A new one, open or (``refused``) refused by the rules, with their answers."""

    async def add_decision(self, application: int, decision: Decision, refused: bool) -> None:
        """The answer of the rules that needed the card; ``refused`` ends the application.

        Failure ``ledger.application`` where it is not open.
        """

    async def approve(self, application: int, approvals: Sequence[Approval]) -> None:
        """Supervisors' yes, kept with who and when (R23)."""

    async def cancel(self, application: int, why: Withdrawn | FailureCode) -> None:
        """Given up before anything was sealed. Failure ``ledger.application``: it is not open."""
