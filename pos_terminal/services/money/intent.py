"""An intent without an outcome yet, and why it has none."""

from __future__ import annotations

import asyncio
from typing import Final

from msgspec import Struct, field

from pos_terminal.core.cause import Cause
from pos_terminal.core.refund import Kind, Refund
from pos_terminal.core.said import Said
from pos_terminal.ports import Grounds
from pos_terminal.services.host.session import Reply
from pos_terminal.wire.iso8583.message import Message

LATE_ANSWERS: Final = 8
"""How many answers wait to be looked at; more are dropped."""


class Intent(Struct):
    """A sealed request in memory, while it is being worked on."""

    refund: Refund
    message: Message
    """The whole request, without field 64."""
    grounds: Grounds
    cause: Cause = Cause.NO_ANSWER
    excuse: Said | None = None
    """Why the acquirer does not know, as its newest proven answer says."""
    sent_again: bool = False
    """A repeat or a reversal has gone out: a late answer is judged as one to that."""
    asking_until: float | None = None
    """So long the answer to the first send is waited for, in the loop's seconds; None: not yet."""
    late: asyncio.Queue[Reply] = field(default_factory=lambda: asyncio.Queue(LATE_ANSWERS))
    """Answers that came while nobody waited for them."""

    @property
    def refund_id(self) -> int:
        return self.refund.refund_id

    @property
    def kind(self) -> Kind:
        return self.refund.kind
