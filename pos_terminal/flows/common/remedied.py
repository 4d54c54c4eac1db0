"""A remedy that is a story of its own: the case is left for it, and what it does is its step."""

from __future__ import annotations

from pos_terminal.core.remedy import Remedy


class Remedied(Exception):
    """The flow of the ``remedy`` follows (R46)."""

    def __init__(self, remedy: Remedy, case_id: int, sale_key: int, ticket: int = 0) -> None:
        super().__init__()
        self.remedy = remedy
        self.case_id = case_id
        self.sale_key = sale_key
        self.ticket = ticket
        """Of the refund that the case is about."""
