"""未发送,未退款: the request never left."""

from __future__ import annotations

from pos_terminal.wire.receipt.parts.not_given_back import NotGivenBack


class NotSent(NotGivenBack, frozen=True, tag="not_sent"):
    """It can be done again."""
