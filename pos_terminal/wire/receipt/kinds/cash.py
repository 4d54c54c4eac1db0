"""Money back in cash, signed for once it is in the hand."""

from __future__ import annotations

from pos_terminal.wire.receipt.parts.given_back import GivenBack


class CashBack(GivenBack, frozen=True, tag="cash"):
    signed = "received"
    amount_label = "amount_cash"
