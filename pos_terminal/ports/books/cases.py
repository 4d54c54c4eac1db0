"""Cases: where people must act on a refund or a sale, until they close it (R8, R39, R45)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import ClassVar, Protocol

from msgspec import Struct

from pos_terminal.core.case import CaseFacts, CaseKind, PaidTwice
from pos_terminal.ports.books.applications import Approval
from pos_terminal.wire.receipt.slip import Slip


class Case(Struct, frozen=True):
    """A mistake that people follow until it is closed (R45)."""

    case_id: int
    kind: CaseKind
    sale_key: int | None
    """None where the ledger has no sale that it is about."""
    refund_id: int | None
    """None where the sale itself went wrong (单边账, R8)."""
    open: bool
    opened_at: datetime
    facts: CaseFacts
    """What was known when it was opened."""

    @property
    def over(self) -> int:
        """What the acquirer posted beside the refund, minor units; 0 where that is not it."""
        return self.facts.over if isinstance(self.facts, PaidTwice) else 0


class Closing(Struct, frozen=True):
    """How people closed a case. It never moves money."""

    RULE: ClassVar = "case"
    """What the supervisors are asked by."""
    reference: str
    """Of the acquirer, the bank or the shop's own file."""
    operator: str
    """Who typed it in."""
    approvals: tuple[Approval, ...]
    """One supervisor, two for an overpayment; none of them the operator."""


class CaseReads(Protocol):
    """Questions about cases."""

    def open_ones(self) -> Sequence[Case]:
        """Oldest first, at most 50."""

    def to_close(self) -> int:
        """How many are open, without those that wait for a refund's outcome."""

    def by_id(self, case_id: int) -> Case | None: ...

    def of_sale(self, sale_key: int, kind: CaseKind) -> Case | None:
        """A case about the sale itself."""


class Cases(CaseReads, Protocol):
    """Cases that people open and close; others come with an outcome."""

    async def open(self, refund_id: int, kind: CaseKind, operator: str) -> int:
        """A case about this refund, for people to close; its number (R39, R45)."""

    async def open_of_sale(
        self, sale_key: int, kind: CaseKind, operator: str, slips: Callable[[int], Sequence[Slip]]
    ) -> int:
        """A case about a sale that has no refund, with its slips, which carry its number.

        Once for each kind of a sale: later calls give the same number and print nothing.
        """

    async def close(self, case_id: int, closing: Closing) -> Case:
        """By people, with a reference. Moves no money.

        An overpayment is counted into what the sale gave back, as far as there is room, and the
        sale is let go. Failure ``cases.closed``, ``cases.outcome_open`` where the refund's own
        outcome is not known, ``cases.leg_open`` where another refund of the sale is open.
        """
