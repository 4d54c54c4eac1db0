"""Findings: what people learned of an outcome that the line did not tell (R32)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Protocol

from msgspec import Struct

from pos_terminal.ports.books.applications import Approval


class Finding(Struct, frozen=True):
    """What people found out about an unknown outcome (R32)."""

    RULE: ClassVar = "unknown_outcome"
    """What the two are asked by."""
    done: int
    """Minor units that were paid, at most what was asked for; 0 for "not paid"."""
    reference: str
    """The acquirer's, under which it told them."""
    operator: str
    """Who typed it in."""
    approvals: tuple[Approval, Approval]
    """Two supervisors, neither of them the operator."""

    @property
    def paid(self) -> bool:
        return self.done > 0


class FindingReads(Protocol):
    """Questions about findings; each is kept with the outcome that it concludes."""

    def of_refund(self, refund_id: int) -> Sequence[Finding]:
        """What people concluded it by: an unknown outcome, and a late approval after that.

        Oldest first: "not paid" never comes after "paid".
        """
