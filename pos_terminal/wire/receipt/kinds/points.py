"""Points back: what they had paid for, for the till to book."""

from __future__ import annotations

from pos_terminal.wire.receipt.parts.given_back import GivenBack


class PointsBack(GivenBack, frozen=True, tag="points"):
    signed = "checked"
    amount_label = "amount_points"
