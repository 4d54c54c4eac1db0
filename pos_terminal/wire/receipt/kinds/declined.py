"""未退款: what was asked, why not, what next."""

from __future__ import annotations

from pos_terminal.wire.receipt.parts.not_given_back import NotGivenBack


class Declined(NotGivenBack, frozen=True, tag="declined"):
    """By the acquirer."""
