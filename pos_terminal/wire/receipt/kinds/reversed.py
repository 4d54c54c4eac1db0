"""The void did not take effect; the sale stands."""

from __future__ import annotations

from pos_terminal.wire.receipt.parts.not_given_back import NotGivenBack


class Reversed(NotGivenBack, frozen=True, tag="reversed"):
    """The acquirer acknowledged the reversal."""
