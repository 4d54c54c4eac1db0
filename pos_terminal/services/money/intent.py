"""An intent without an outcome yet, and why it has none."""

from __future__ import annotations

import asyncio
from enum import StrEnum
from typing import Final

from msgspec import Struct, field

from pos_terminal.core.answers import Step
from pos_terminal.core.refund import Kind, Refund
from pos_terminal.ports import Grounds
from pos_terminal.services.host.session import Reply
from pos_terminal.wire.iso8583.message import Message

LATE_ANSWERS: Final = 8
"""How many answers wait to be looked at; more are dropped."""


class Cause(StrEnum):
    """Why an outcome is not known, or not sought any more: names in ``texts/host.toml``."""

    NO_ANSWER = "host.no_answer"
    LINE_LOST = "host.line_lost"
    BAD_MAC = "host.bad_mac"
    UNCLEAR = "host.unclear"
    """The acquirer itself does not know: 68, 91, 96, 98, or a code that nobody knows."""
    VOID_IN_PART = "host.void_in_part"
    """The acquirer took back a part of what is to be voided in full (10): it is reversed."""
    RESTART = "host.restart"
    BATCH_CLOSED = "host.batch_closed"
    """A new batch began: nothing of the old one is sent by itself any more."""
    CARD_DATA_GONE = "host.card_data_gone"
    """The sealed card data can't be opened: the message can't be made again."""


#: why an outcome is not known, where a step of the table makes it so
CAUSES: Final = {
    Step.UNCLEAR: Cause.UNCLEAR,
    Step.IN_PART: Cause.VOID_IN_PART,
    Step.BAD_MAC: Cause.BAD_MAC,
    Step.SILENT: Cause.NO_ANSWER,
    Step.LOST: Cause.LINE_LOST,
}
#: causes after which only people or the acquirer's file end it
LEFT_TO_PEOPLE: Final = frozenset({Cause.BATCH_CLOSED, Cause.CARD_DATA_GONE})


class Intent(Struct):
    """A sealed request in memory, while it is being worked on."""

    refund: Refund
    message: Message
    """The whole request, without field 64."""
    papers: Grounds
    cause: Cause = Cause.NO_ANSWER
    sent_again: bool = False
    """A repeat or a reversal has gone out: a late answer is judged as one to that."""
    late: asyncio.Queue[Reply] = field(default_factory=lambda: asyncio.Queue(LATE_ANSWERS))
    """Answers that came while nobody waited for them."""

    @property
    def refund_id(self) -> int:
        return self.refund.refund_id

    @property
    def kind(self) -> Kind:
        return self.refund.kind
