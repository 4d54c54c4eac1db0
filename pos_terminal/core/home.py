"""Whose refunds these are."""

from __future__ import annotations

from msgspec import Struct


class Home(Struct, frozen=True):
    """The merchant and the terminal that a ledger belongs to."""

    merchant_id: str
    terminal_id: str
