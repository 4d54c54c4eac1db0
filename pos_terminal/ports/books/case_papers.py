"""Papers of a case: one number for whatever kind they are (R46, R47a)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from pos_terminal.ports.records import CasePaper, NewCasePaper
from pos_terminal.wire.receipt.slip import Slip


class CasePaperReads(Protocol):
    """Questions about papers of cases."""

    def by_number(self, number: int) -> CasePaper | None: ...

    def of_case(self, case_id: int) -> Sequence[CasePaper]:
        """The oldest first."""


class CasePapers(CasePaperReads, Protocol):
    async def issue(self, new: NewCasePaper, make: Callable[[int], Sequence[Slip]]) -> CasePaper:
        """In one commit with its step of the case and its slips, which carry its number.

        Failure ``cases.closed``.
        """
