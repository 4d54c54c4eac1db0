"""Findings: what people learned of an outcome that the line did not tell (R32)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from pos_terminal.ports.records import Finding


class FindingReads(Protocol):
    """Questions about findings; each is kept with the outcome that it concludes."""

    def of_refund(self, refund_id: int) -> Sequence[Finding]:
        """What people concluded it by: an unknown outcome, and a late approval after that.

        Oldest first: "not paid" never comes after "paid".
        """
