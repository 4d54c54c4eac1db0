"""Cases: where people must act on a refund or a sale, until they close it (R8, R39, R45)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Protocol

from pos_terminal.core.case import CaseKind, Contradicted, FoundBy
from pos_terminal.core.case_step import NewStep
from pos_terminal.ports.records import Case, CaseEnd, CaseStep, Closing
from pos_terminal.wire.receipt.slip import Slip


class CaseReads(Protocol):
    """Questions about cases."""

    def open_ones(self, after: Case | None = None) -> Sequence[Case]:
        """Those that somebody is to look at first, at most ``AT_ONCE``; the next ones ``after``
        the last of these."""

    def by_id(self, case_id: int) -> Case | None: ...

    def open_about(self, sale_key: int) -> Sequence[Case]:
        """Also those of its refunds, the first one first."""

    def about(self, sale_key: int) -> Sequence[Case]:
        """All of this sale, closed ones too; the first one first."""

    def end(self, case_id: int) -> CaseEnd | None:
        """How people closed it; None for one that is open, or ended by itself."""

    def steps(self, case_id: int) -> Sequence[CaseStep]:
        """What was done about it, the first one first."""

    def due(self, on: date) -> int:
        """How many open ones somebody is to look at by this day, the shop's; none that waits for a
        refund's outcome."""

    def own_number_paid(self) -> bool:
        """Whether an open one says that the acquirer paid under a number that this terminal drew
        for a message that pays nothing."""

    def contradicted_by(self, refund_id: int) -> int:
        """What the acquirer is known to have paid of this refund against the ledger's word, minor
        units; further postings of it are not counted."""

    def of_sale(self, sale_key: int, kind: CaseKind) -> Case | None:
        """The open case about the sale itself."""

    def also_counted(self, case_id: int) -> int | None:
        """The other sale with the same reference that has given back what this case is about, and
        has it counted so far; None for any other case."""


class Cases(CaseReads, Protocol):
    """Cases that people open and close; others come with an outcome."""

    async def open(
        self,
        refund_id: int,
        kind: CaseKind,
        operator: str,
        slips: Callable[[int], Sequence[Slip]] | None = None,
        *,
        found_by: FoundBy | None = None,
    ) -> int:
        """A case about this refund, for people to close; its number (R39, R45). Slips and further
        calls as of ``open_of_sale``."""

    async def open_of_sale(
        self,
        sale_key: int,
        kind: CaseKind,
        operator: str,
        slips: Callable[[int], Sequence[Slip]],
        *,
        found_by: FoundBy | None = None,
    ) -> int:
        """A case about a sale that has no refund, with its slips, which carry its number.

        While one of its kind is open: later calls give the same number and print nothing.
        """

    async def print(self, case_id: int, slips: Sequence[Slip], operator: str) -> None:
        """Queue slips of it, however far it is; the log has who wanted them."""

    async def contradicted(self, refund_id: int, facts: Contradicted) -> None:
        """An approval of what was declined: its case, and the sale locked, where it is not known
        by now."""

    async def add_step(self, case_id: int, new: NewStep) -> int:
        """Its number within the case. Failure ``cases.closed``."""

    async def close(self, case_id: int, closing: Closing) -> Case:
        """By people, with a reference. Moves no money.

        What was paid beside the balance is counted into what the sale gave back, as far as there
        is room, and the sale is let go. Where another sale has it counted it is off that one then,
        or stays there where it is ``theirs``. Failure ``cases.closed``, ``cases.outcome_open``
        where the refund's own outcome is not known, ``cases.leg_open`` where another refund of the
        sale, or of that other one, is open.
        """
