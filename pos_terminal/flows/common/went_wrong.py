"""The key for something that went wrong with a refund: what was begun is left for its case."""

from __future__ import annotations


class WentWrong(Exception):
    """``flows.case.open_case`` follows (R39, R45)."""

    def __init__(self, refund_id: int) -> None:
        super().__init__()
        self.refund_id = refund_id
