"""The log of all that was written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from pos_terminal.ports.records import TakenBack


class JournalReads(Protocol):
    def last_at(self) -> datetime | None:
        """When the newest entry was written (R70)."""

    def head(self) -> tuple[int, str]:
        """Number and hash of the newest entry (R55)."""

    def taken_back(self, sale_key: int) -> Sequence[TakenBack]:
        """What a clerk had typed of this sale's payments, or as the sale, and that was withdrawn
        (R7); in that order. Nothing that is older than entries of the log are kept."""


class Journal(JournalReads, Protocol):
    async def note(self, kind: str, facts: Mapping[str, str | int]) -> None:
        """An entry of its own: logins, device losses, drawer, settings."""
