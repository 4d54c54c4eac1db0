"""Whose refunds these are."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import tzinfo

from msgspec import Struct

from pos_terminal.core.case import CaseKind


class Home(Struct, frozen=True):
    """The merchant and the terminal that a ledger belongs to, and the clock that it goes by."""

    merchant_id: str
    terminal_id: str
    zone: tzinfo
    """The shop's time zone (R95)."""
    auth_code: tuple[int, int] = (6, 6)
    """Characters of its acquirer's authorisation codes: the least and the most."""
    due_days: Mapping[CaseKind, int] = {}
    """How soon somebody is to look at a new case again; of kinds that are not in it ``due_days``
    of ``core.case``."""
