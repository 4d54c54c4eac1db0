"""Papers of cases (R46, R47a)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from pos_terminal.core.case_step import NewStep
from pos_terminal.ports.records import Case, CasePaper, NewPaper
from pos_terminal.wire.receipt.slip import Slip


class CasePaperReads(Protocol):
    """Questions about them."""

    def by_number(self, number: int) -> CasePaper | None: ...

    def of_case(self, case_id: int) -> Sequence[CasePaper]:
        """The first one first; payouts among them."""

    def to_ask_back(self, case: Case) -> int:
        """What a recovery slip of this case can ask for still: what the customer has too much and
        no slip asks for; minor units."""


class CasePapers(CasePaperReads, Protocol):
    async def add(self, new: NewPaper, make: Callable[[int], Sequence[Slip]]) -> int:
        """Its number. In one commit with its step of the case and its slips, which carry it.

        Failure ``cases.closed``, ``recovery.too_much``.
        """

    async def print_again(self, case_id: int, jobs: Sequence[int], told: NewStep) -> None:
        """Copies of these jobs, marked, in one commit with the step. Failure ``cases.closed``,
        ``ledger.slip_gone``."""
