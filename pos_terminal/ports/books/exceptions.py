"""Exceptions: why money went back by another tender, and what shows it (R34, R75)."""

from __future__ import annotations

from typing import Protocol

from pos_terminal.core.tenders import Basis


class ExceptionReads(Protocol):
    def of_application(self, number: int) -> Basis | None:
        """None where it went the ordinary way."""
