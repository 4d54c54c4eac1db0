"""The log of all that was written."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol


class JournalReads(Protocol):
    def last_at(self) -> datetime | None:
        """When the newest entry was written (R70)."""


class Journal(JournalReads, Protocol):
    async def note(self, kind: str, facts: Mapping[str, str | int]) -> None:
        """An entry of its own: logins, device losses, drawer, settings."""
