"""Money back to the card."""

from __future__ import annotations

from pos_terminal.wire.receipt.parts.given_back import GivenBack


class Refunded(GivenBack, frozen=True, tag="refund"):
    amount_label = "amount_done"
