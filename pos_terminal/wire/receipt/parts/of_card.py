"""What a slip has that is about a request for a card."""

from __future__ import annotations

from pos_terminal.wire.receipt.body import Body
from pos_terminal.wire.receipt.parts.request import Request


class OfCard(Body, frozen=True):
    """Of cash, and of a sale that nobody found, the request is empty."""

    request: Request = Request()

    @property
    def bearer(self) -> str:
        return "cardholder" if self.request.masked_card else super().bearer
